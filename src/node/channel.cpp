#include "node/channel.h"

#include <algorithm>

#include "core/clock.h"
#include "core/device_memory.h"
#include "core/sole_owner.h"
#include "kernels/vector_ops.h"
#include "node/node.h"

namespace kith {

Channel::Channel(Node& node, Spec spec, std::shared_ptr<Array>& value,
                 std::unique_ptr<Sharing> sharing)
    : node_(node), spec_(std::move(spec)), value_(value), sharing_(std::move(sharing)) {}

std::shared_ptr<Array> Channel::fresh() const {
  return spec_.weighted ? node_.common_.weighted_vectors.take() : node_.vector();
}

ArrayView Channel::edit() {
  if (!is_sole_owner(value_)) {
    const std::shared_ptr<Array> copy = fresh();
    kith::copy(value_->view(), copy->view());
    value_ = copy;
  }
  return value_->view();
}

ArrayView Channel::overwrite() {
  if (!is_sole_owner(value_)) value_ = fresh();
  return value_->view();
}

Sharing::Turn Channel::turn(int exchange) const {
  return {mixing_, exchange, node_.self_weight_, node_.senders_, node_.receivers_};
}

Task<> Channel::mix() {
  co_await say();
  co_await hear();
}

Task<> Channel::say() {
  if (!kernels::all_finite(value())) {
    throw NumericError((spec_.name == "x" ? "a parameter" : "an element of the " + spec_.name) +
                       " is not finite; a smaller learning rate may help");
  }
  // A round's second mixing is as a round of its own to the method, which may draw random numbers.
  mixing_ = std::max(mixing_ + 1, node_.round_ * spec_.mixes);
  first_kind_ = node_.take_kinds(sharing_->exchanges());
  Sharing::Outbox outbox;
  {
    const Stopwatch watch(node_.clocks_.codec_s);
    sharing_->say(turn(0), value_, outbox);
  }
  co_await send(outbox, 0);
}

Task<> Channel::hear() {
  co_await merge(0);
  for (int next = 1; next < sharing_->exchanges(); ++next) {
    Sharing::Outbox outbox;
    {
      const Stopwatch watch(node_.clocks_.codec_s);
      sharing_->say(turn(next), value_, outbox);
    }
    co_await send(outbox, next);
    co_await merge(next);
  }
}

Task<> Channel::send(Sharing::Outbox& outbox, int exchange) {
  const Kind kind = first_kind_ + exchange;
  if (outbox.common() && !node_.receivers_.empty()) {
    traffic_.count_sent(*outbox.common(), node_.receivers_.size());
    co_await node_.send(kind, *outbox.common(), node_.receivers_);
  }
  for (const auto& [receiver, body] : outbox.single()) {
    const std::vector<Uid> one(1, receiver);
    traffic_.count_sent(body, 1);
    co_await node_.send(kind, body, one);
  }
}

Task<> Channel::merge(int exchange) {
  const Kind kind = first_kind_ + exchange;
  const std::vector<Message> messages = co_await node_.receive(kind, node_.sender_uids_);
  const Stopwatch watch(node_.clocks_.codec_s);
  std::vector<Sharing::Heard> heard;
  heard.reserve(messages.size());
  for (std::size_t i = 0; i < messages.size(); ++i) {
    traffic_.count_received(messages[i].body);
    heard.push_back({messages[i].sender, node_.senders_[i].weight, &messages[i].body});
  }
  const std::shared_ptr<Array> merged = fresh();
  sharing_->hear(turn(exchange), value_, heard, merged->view());
  if (exchange + 1 == sharing_->exchanges()) value_ = merged;
}

}  // namespace kith
