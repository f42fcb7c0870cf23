#include "node/node.h"

#include <algorithm>
#include <cmath>

#include "core/clock.h"
#include "kernels/vector_ops.h"

namespace kith {

Node::Node(Uid uid, const Neighborly& common, std::unique_ptr<Trainer> trainer,
           std::shared_ptr<Array> x)
    : uid_(uid), common_(common), trainer_(std::move(trainer)), x_(std::move(x)) {}

void Node::begin(Round round) {
  round_ = round;
  fiber_->set_round(round);
  trainer_->begin_round(round);

  const Neighborhood neighborhood = common_.schedule.neighborhood(uid_, round);
  receivers_ = neighborhood.receivers;
  senders_.clear();
  sender_uids_.clear();
  double row_sum = neighborhood.self_weight;
  double float_sum = 0;
  for (const Neighborhood::Sender& sender : neighborhood.senders) {
    const auto weight = static_cast<float>(sender.weight);
    senders_.push_back({sender.uid, weight});
    sender_uids_.push_back(sender.uid);
    row_sum += sender.weight;
    float_sum += double{weight};
  }
  // Rounded to float32, a row that makes 1 would make 1 ± 1e-7, and the network's mean would drift
  // by that factor every round. What the neighbors' weights leave of 1 is the node's own.
  const bool makes_one = std::abs(row_sum - 1) < 1e-12;
  self_weight_ = static_cast<float>(makes_one ? 1 - float_sum : neighborhood.self_weight);

  common_.office.enter(uid_, round);
}

void Node::make_x_writable() {
  if (x_.use_count() == 1) return;
  const std::shared_ptr<Array> copy = vector();
  std::copy_n(x_->data(), x_->size(), copy->data());
  x_ = copy;
}

void Node::train() {
  if (local_steps() == 0) return;
  const Stopwatch watch(clocks_.compute_s);
  make_x_writable();
  trainer_->local_update(common_.models.mine(), x_->view(), x_->view());
}

void Node::gradient(Array& g) {
  const Stopwatch watch(clocks_.compute_s);
  trainer_->gradient(common_.models.mine(), x(), g.view());
}

void Node::step(const Array& g) {
  const Stopwatch watch(clocks_.compute_s);
  make_x_writable();
  trainer_->step(x(), g.view(), x_->view());
}

void Node::local_update(Array& out) {
  const Stopwatch watch(clocks_.compute_s);
  trainer_->local_update(common_.models.mine(), x(), out.view());
}

void Node::add_difference(Array& y, ConstArrayView z) {
  const Stopwatch watch(clocks_.compute_s);
  make_x_writable();
  kernels::subtract(y.view(), z, y.view());
  kernels::add_scaled(x(), 1, y.view(), x_->view());
}

void Node::check_finite() const {
  if (kernels::all_finite(x())) return;
  throw NumericError("a parameter is not finite; a smaller learning rate may help");
}

Sharing::Turn Node::turn(Kind exchange) const {
  return {round_, exchange, self_weight_, senders_, receivers_};
}

Task<> Node::mix() {
  co_await say();
  co_await hear();
}

Task<> Node::say() {
  check_finite();
  Sharing::Outbox outbox;
  {
    const Stopwatch watch(clocks_.codec_s);
    sharing_->say(turn(0), x_, outbox);
  }
  co_await send(outbox, 0);
}

Task<> Node::hear() {
  co_await exchange(0);
  for (Kind next = 1; next < sharing_->exchanges(); ++next) {
    Sharing::Outbox outbox;
    {
      const Stopwatch watch(clocks_.codec_s);
      sharing_->say(turn(next), x_, outbox);
    }
    co_await send(outbox, next);
    co_await exchange(next);
  }
}

Task<> Node::send(Sharing::Outbox& outbox, Kind exchange) {
  const Stopwatch watch(clocks_.wait_s);
  Message message;
  message.sender = uid_;
  message.round = round_;
  message.kind = exchange;
  if (outbox.common() && !receivers_.empty()) {
    message.body = *outbox.common();
    traffic_.count_sent(message.body, receivers_.size());
    co_await common_.office.send(message, receivers_);
  }
  for (const auto& [receiver, body] : outbox.single()) {
    message.body = body;
    traffic_.count_sent(body, 1);
    const std::vector<Uid> one(1, receiver);
    co_await common_.office.send(message, one);
  }
}

Task<> Node::exchange(Kind exchange) {
  std::vector<Message> messages;
  {
    const Stopwatch watch(clocks_.wait_s);
    messages = co_await common_.office.receive(uid_, round_, exchange, sender_uids_);
  }
  const Stopwatch watch(clocks_.codec_s);
  std::vector<Sharing::Heard> heard;
  heard.reserve(messages.size());
  for (std::size_t i = 0; i < messages.size(); ++i) {
    traffic_.count_received(messages[i].body);
    heard.push_back({messages[i].sender, senders_[i].weight, &messages[i].body});
  }
  const std::shared_ptr<Array> merged = vector();
  sharing_->hear(turn(exchange), x_, heard, merged->view());
  if (exchange + 1 == sharing_->exchanges()) x_ = merged;
}

Task<> Node::observe(Round completed) {
  common_.observer.passed(completed);
  if (!common_.observer.due(completed)) co_return;
  check_finite();
  co_await common_.observer.observe(*this, completed);
}

}  // namespace kith
