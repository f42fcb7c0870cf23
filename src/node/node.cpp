#include "node/node.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "core/clock.h"
#include "core/device_memory.h"
#include "core/sole_owner.h"
#include "kernels/mix.h"
#include "kernels/vector_ops.h"

namespace kith {

Node::Node(Uid uid, const Neighborly& common, std::unique_ptr<Trainer> trainer,
           std::shared_ptr<Array> x)
    : uid_(uid),
      common_(common),
      device_(x->device()),
      trainer_(std::move(trainer)),
      x_(std::move(x)) {}

void Node::open(const Channel::Spec& spec, std::unique_ptr<Sharing> sharing) {
  std::shared_ptr<Array>* value = &x_;
  if (spec.weighted) {
    value = &values_.emplace_back(weighted(x(), 1));
  } else if (spec.name != "x") {
    value = &values_.emplace_back(vector());
    kernels::fill((*value)->view(), 0);
  }
  own_kinds_at_ += spec.mixes * sharing->exchanges();
  sharing->start((*value)->view());
  channels_.emplace_back(*this, spec, *value, std::move(sharing));
}

void Node::begin(Round round) {
  meet(common_.schedule.neighborhood(uid_, round));
  begin_apart(round);
}

void Node::begin_apart(Round round) {
  round_ = round;
  next_kind_ = 0;
  fiber_->set_round(round);
  trainer_->begin_round(round);
  common_.office.enter(uid_, round);
}

void Node::meet(const Neighborhood& neighborhood) {
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
}

// --- the parameter vector ------------------------------------------------------------------------

ArrayView Node::edit_x() {
  if (!is_sole_owner(x_)) {
    const std::shared_ptr<Array> copy = vector();
    kith::copy(x_->view(), copy->view());
    x_ = copy;
  }
  return x_->view();
}

ArrayView Node::overwrite_x() {
  if (!is_sole_owner(x_)) x_ = vector();
  return x_->view();
}

void Node::average(ConstArrayView y) {
  const Slot before = x_;
  const std::shared_ptr<Array> mean = vector();
  const kernels::Term other{0.5f, y};
  kernels::mix(0.5f, before->view(), std::span(&other, 1), mean->view());
  x_ = mean;
}

std::shared_ptr<Array> Node::weighted(ConstArrayView vector, float number) const {
  const std::shared_ptr<Array> both = common_.weighted_vectors.take();
  copy(vector, both->view().part(0, vector.size));
  kernels::fill(both->view().part(vector.size, 1), number);
  return both;
}

void Node::become(ConstArrayView y) { copy(y, overwrite_x()); }

// --- training ------------------------------------------------------------------------------------

Task<> Node::train() {
  if (local_steps() == 0) co_return;
  const ArrayView x = edit_x();
  Assignment assignment{*trainer_, x, x, local_steps()};
  co_await carry_out(assignment);
}

Task<> Node::gradient(ArrayView g) { return gradient(x(), g); }

Task<> Node::gradient(ConstArrayView at, ArrayView g) {
  if (local_steps() == 0) {
    kernels::fill(g, 0);
    co_return;
  }
  Assignment assignment{*trainer_, at, g};
  co_await carry_out(assignment);
}

Task<> Node::local_update(ArrayView out) { return local_update(x(), out); }

Task<> Node::local_update(ConstArrayView from, ArrayView out) {
  if (local_steps() == 0) {
    copy(from, out);
    co_return;
  }
  Assignment assignment{*trainer_, from, out, local_steps()};
  co_await carry_out(assignment);
}

/// Trains, alone or with the others of its cohort.
Task<> Node::carry_out(Assignment& assignment) {
  if (common_.cohorts) {
    co_await common_.cohorts->train(assignment);
  } else {
    const Stopwatch watch(assignment.compute_s);
    Model& model = common_.models.mine(device());
    if (assignment.steps == 0) {
      trainer_->gradient(model, assignment.x, assignment.out);
    } else {
      trainer_->local_update(model, assignment.x, assignment.out);
    }
  }
  clocks_.compute_s += assignment.compute_s;
  // What makes a node slower than its machine: training.slow.
  if (const double slowness = trainer_->slowness(); slowness > 1) {
    const Stopwatch watch(clocks_.compute_s);
    Executor::Pause pause((slowness - 1) * assignment.compute_s);
    co_await pause;
  }
}

void Node::step(ConstArrayView g) {
  const Stopwatch watch(clocks_.compute_s);
  const Slot before = x_.use_count() > 1 ? x_ : nullptr;  // stays readable
  const ConstArrayView from = x();
  trainer_->step(from, g, overwrite_x());
}

void Node::step(ConstArrayView from, ConstArrayView g, ArrayView out) {
  const Stopwatch watch(clocks_.compute_s);
  trainer_->step(from, g, out);
}

void Node::add_difference(Array& y, ConstArrayView z) {
  const Stopwatch watch(clocks_.compute_s);
  kernels::subtract(y.view(), z, y.view());
  const ArrayView x = edit_x();
  kernels::add_scaled(x, 1, y.view(), x);
}

// --- talking -------------------------------------------------------------------------------------

Kind Node::take_kinds(int count) {
  next_kind_ += count;
  return next_kind_ - count;
}

Task<> Node::post(Kind kind, Body body, std::span<const Uid> receivers, bool counted) {
  return send(own_kinds_at_ + kind, std::move(body), receivers, counted);
}

Task<std::vector<Message>> Node::collect(Kind kind, std::span<const Uid> senders, bool counted) {
  return receive(own_kinds_at_ + kind, senders, counted);
}

Task<> Node::send(Kind kind, Body body, std::span<const Uid> receivers, bool counted) {
  const Stopwatch watch(clocks_.wait_s);
  Message message;
  message.sender = uid_;
  message.round = round_;
  message.kind = kind;
  message.body = std::move(body);
  if (counted) traffic_.count_sent(message.body, receivers.size());
  co_await common_.office.send(message, receivers);
}

Task<std::vector<Message>> Node::receive(Kind kind, std::span<const Uid> senders, bool counted) {
  const Stopwatch watch(clocks_.wait_s);
  std::vector<Message> messages = co_await common_.office.receive(uid_, round_, kind, senders);
  for (const Message& message : messages) {
    message.body.meet(device());
    if (counted) traffic_.count_received(message.body);
  }
  co_return messages;
}

void Node::mail(int lane, Body body, Uid receiver) {
  Message message;
  message.sender = uid_;
  message.round = fiber_->round();
  message.kind = kFirstLoose + lane;
  message.body = std::move(body);
  {
    const std::lock_guard lock(mail_mutex_);
    mail_traffic_.count_sent(message.body, 1);
  }
  common_.office.send_loose(message, receiver);
}

Task<std::optional<Message>> Node::next_mail(int lane, Uid sender, double within_s) {
  PostOffice::NextLoose next = common_.office.next_loose(uid_, lane, sender, within_s);
  std::optional<Message> message = co_await next;
  if (message) take(*message);
  co_return message;
}

std::optional<Message> Node::take_mail(int lane) {
  std::optional<Message> message = common_.office.take_loose(uid_, lane);
  if (message) take(*message);
  return message;
}

void Node::take(const Message& mail) {
  mail.body.meet(device());
  const std::lock_guard lock(mail_mutex_);
  mail_traffic_.count_received(mail.body);
}

Task<Message> Node::answer(int lane, Uid sender) {
  const Stopwatch watch(clocks_.wait_s);
  std::optional<Message> message = co_await next_mail(lane, sender);
  co_return std::move(message).value();
}

Traffic Node::traffic() const {
  Traffic all = traffic_;
  const std::lock_guard lock(mail_mutex_);
  all += mail_traffic_;
  return all;
}

Snapshot Node::snapshot(Slot x) {
  Snapshot seen;
  seen.uid = uid_;
  seen.time_s = now_s();
  seen.here = on_host(x);
  seen.x = std::move(x);
  seen.traffic = traffic();
  for (const Channel& channel : channels_) {
    seen.sent_by_channel.emplace_back(channel.name(), channel.traffic().bytes_sent);
  }
  seen.clocks = clocks_;
  std::tie(seen.loss_sum, seen.losses) = trainer_->take_losses();
  seen.learning_rate = trainer_->learning_rate();
  seen.samples_seen = trainer_->samples_seen();
  seen.reports = reports_.values();
  seen.batches = trainer_->take_batches();
  return seen;
}

Task<> Node::note(Round completed, Slot x) {
  common_.observer.passed(completed);
  // Who never waits would have its thread to the end of its last round.
  Executor::Yield yield;
  co_await yield;
  if (!common_.observer.due(completed)) co_return;
  if (!kernels::all_finite(x->view())) {
    throw NumericError("a parameter is not finite; a smaller learning rate may help");
  }
  Snapshot seen = snapshot(std::move(x));
  co_await common_.observer.note(std::move(seen), completed);
}

ConstArrayView Node::floats_in(const Message& message, std::size_t size) {
  const ConstArrayView vector = message.body.floats();
  if (vector.size == size) return vector;
  throw PeerError("node " + std::to_string(message.sender) + " sent a vector of " +
                  std::to_string(vector.size) + " numbers, not " + std::to_string(size));
}

ConstArrayView Node::vector_in(const Message& message) const {
  return floats_in(message, common_.vectors.size());
}

ConstArrayView Node::weighted_vector_in(const Message& message) const {
  return floats_in(message, common_.weighted_vectors.size());
}

Task<> Node::observe(Round completed) {
  if (uid_ != service()) common_.observer.passed(completed);
  if (!common_.observer.due(completed)) co_return;
  if (!kernels::all_finite(x())) {
    throw NumericError("a parameter is not finite; a smaller learning rate may help");
  }
  co_await common_.observer.observe(*this, completed);
}

}  // namespace kith
