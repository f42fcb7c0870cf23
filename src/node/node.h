#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "communication/post_office.h"
#include "core/executor.h"
#include "graph/schedule.h"
#include "node/channel.h"
#include "node/cohorts.h"
#include "node/model_pool.h"
#include "node/observer.h"
#include "node/protocol.h"
#include "node/snapshot.h"
#include "sharing/sharing.h"
#include "training/trainer.h"

namespace kith {

/// What the nodes of a process that compute on one device have in common.
struct Neighborly {
  Round rounds = 0;
  std::uint64_t seed = 0;
  const Schedule& schedule;
  PostOffice& office;
  ModelPool& models;
  ArrayPool& vectors;           ///< d floats each
  ArrayPool& weighted_vectors;  ///< d + 1
  Observer& observer;
  double mixing_rate = 1;  ///< ρ, where the protocol needs it

  /// Of a node's training data; for data with labels.
  std::function<std::vector<std::uint32_t>(Uid)> label_counts = {};

  Cohorts* cohorts = nullptr;  ///< null: every node is trained by itself
};

/// One learner, as its protocol sees it: a parameter vector, the three verbs of training, and
/// neighbors to talk to. Everything is done by the node's own coroutine.
class Node {
 public:
  Node(Uid uid, const Neighborly& common, std::unique_ptr<Trainer> trainer,
       std::shared_ptr<Array> x);
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  /// Opens a channel that `sharing` serves; called once for each, in the protocol's order, before
  /// the run. What the method reports goes to `reports()`.
  void open(const Channel::Spec& spec, std::unique_ptr<Sharing> sharing);

  /// For who has no channels, among nodes whose channels take so many kinds of messages.
  void skip_kinds(Kind count) { own_kinds_at_ += count; }

  Uid uid() const { return uid_; }
  std::int64_t nodes() const { return common_.schedule.nodes(); }
  Uid service() const { return static_cast<Uid>(nodes()); }  ///< the protocol's, where it has one
  const Schedule& schedule() const { return common_.schedule; }
  Round rounds() const { return common_.rounds; }
  Round round() const { return round_; }

  /// The run's, equal on all nodes.
  std::uint64_t seed() const { return common_.seed; }

  /// ρ = ‖W − J‖₂, for a protocol that needs `mixing_rate`.
  double mixing_rate() const { return common_.mixing_rate; }

  /// How often each label is in its training data, for a protocol that needs `labels`.
  std::vector<std::uint32_t> label_counts() const { return common_.label_counts(uid_); }

  /// Whose coroutine this is; called once, before the protocol runs.
  void attach(Fiber& fiber) { fiber_ = &fiber; }
  Fiber& fiber() { return *fiber_; }

  /// Begins `round`: neighbors may now send what belongs to it. They are the graph's.
  void begin(Round round);

  /// The same with neighbors from elsewhere, or with none yet.
  void begin_apart(Round round);

  /// Whom the graph has this node send to in this round: what it may draw by itself.
  std::vector<Uid> drawn_receivers() const {
    return common_.schedule.neighborhood(uid_, round_).receivers;
  }

  /// Whether the graph is another one from round to round.
  bool graph_changes() const { return common_.schedule.period() != 1; }

  /// The neighbors of this round from now on.
  void meet(const Neighborhood& neighborhood);

  // --- the parameter vector ---

  ConstArrayView x() const { return x_->view(); }

  /// Where x and all vectors of the node lie.
  const Device& device() const { return device_; }

  const ParameterLayout& layout() const { return common_.models.layout(); }

  /// x as it is now, which nobody writes while this is held.
  Slot published() const { return x_; }

  /// A copy of `vector` with `number` behind it, to be sent: `weighted_vector_in` finds it there.
  std::shared_ptr<Array> weighted(ConstArrayView vector, float number) const;

  /// To change x in place; a copy where somebody still reads what was published.
  ArrayView edit_x();

  /// To write all of x; what it holds until then is arbitrary.
  ArrayView overwrite_x();

  /// x ← (x + y) / 2, rounded once: whoever averages y with this x has the same bits.
  void average(ConstArrayView y);

  /// x ← y
  void become(ConstArrayView y);

  /// A vector as long as x with arbitrary content, from the process's pool.
  std::shared_ptr<Array> vector() { return common_.vectors.take(); }

  // --- training: awaited, since several nodes may be trained as one ---

  std::int64_t local_steps() const { return trainer_->steps_per_round(); }

  /// x ← x after this round's local steps.
  Task<> train();

  /// g ← the gradient at x for the next batch; zero for a node without data.
  Task<> gradient(ArrayView g);

  /// The same at a point other than x.
  Task<> gradient(ConstArrayView at, ArrayView g);

  /// x ← the optimizer's step from x along g.
  void step(ConstArrayView g);

  /// out ← the optimizer's step from `from`, which it may be, along g.
  void step(ConstArrayView from, ConstArrayView g, ArrayView out);

  /// out ← x after this round's local steps; x stays.
  Task<> local_update(ArrayView out);

  /// out ← `from` after this round's local steps.
  Task<> local_update(ConstArrayView from, ArrayView out);

  /// x ← x + (y − z), for what several local steps did while x was on its way. Leaves y − z in y.
  void add_difference(Array& y, ConstArrayView z);

  /// η of the next step.
  double learning_rate() const { return trainer_->next_learning_rate(); }

  // --- talking ---

  /// A vector that travels, by its place in Protocol::channels.
  Channel& channel(std::size_t index = 0) { return channels_[index]; }
  const std::deque<Channel>& channels() const { return channels_; }

  /// x ← W x, where the first channel is x's.
  Task<> mix() { return channel().mix(); }
  Task<> say() { return channel().say(); }
  Task<> hear() { return channel().hear(); }

  /// A neighbor heard in this round, with what this node (receiver i) puts on it (sender j).
  std::span<const Sharing::Sender> senders() const { return senders_; }
  std::span<const Uid> sender_uids() const { return sender_uids_; }
  std::span<const Uid> receivers() const { return receivers_; }
  float self_weight() const { return self_weight_; }

  /// Messages of a protocol's own, to and from any node, in this round. `kind` counts from 0 to
  /// Protocol::own_kinds; a node gets at most one of a kind from another in a round. What only lets
  /// people look on is not `counted` as traffic.
  Task<> post(Kind kind, Body body, std::span<const Uid> receivers, bool counted = true);

  /// Those of `senders`, which ascend and stay valid meanwhile, in their order.
  Task<std::vector<Message>> collect(Kind kind, std::span<const Uid> senders, bool counted = true);

  /// The next one that is there already, if one is.
  std::optional<Message> take_mail(int lane);

  /// The vector as long as x that is in `message`, or one number longer. Throws PeerError when none
  /// is.
  ConstArrayView vector_in(const Message& message) const;
  ConstArrayView weighted_vector_in(const Message& message) const;

  /// Sends a loose message, of a lane from 0 to Protocol::lanes; never waits. From both of the
  /// node's coroutines, as `next_mail`.
  void mail(int lane, Body body, Uid receiver);

  static constexpr double kForever = std::numeric_limits<double>::infinity();

  /// The next loose message of a lane, from `sender` or anybody: none when none came in time.
  /// Whoever trains counts the time it waits as such.
  Task<std::optional<Message>> next_mail(int lane, Uid sender = PostOffice::kAnybody,
                                         double within_s = kForever);
  Task<Message> answer(int lane, Uid sender);

  /// Evaluates, when evaluation is due after `completed` rounds: the nodes meet.
  Task<> observe(Round completed);

  /// Has `x` evaluated as the node's after `completed` rounds, when that is due, and goes on.
  Task<> note(Round completed, Slot x);

  /// Waits for all nodes of the run.
  Task<> gather() { return common_.observer.gather(*this); }

  /// Whether there is something to look at after `completed` rounds. Equal on all nodes.
  bool is_observed(Round completed) const { return common_.observer.due(completed); }

  // --- for those who look on ---

  /// Metrics of a protocol's own: the last value of each name stands in the next record.
  void report(std::string_view name, double value) { reports_.report(name, value); }
  Reports& reports() { return reports_; }

  Traffic traffic() const;
  Trainer& trainer() { return *trainer_; }

  const Clocks& clocks() const { return clocks_; }

  /// What there is to see now, with `x` for its vector. What counts since the last one begins anew.
  Snapshot snapshot(Slot x);

 private:
  friend class Channel;

  Task<> carry_out(Assignment& assignment);
  void take(const Message& mail);
  Kind take_kinds(int count);
  static ConstArrayView floats_in(const Message& message, std::size_t size);
  Task<> send(Kind kind, Body body, std::span<const Uid> receivers, bool counted = true);
  Task<std::vector<Message>> receive(Kind kind, std::span<const Uid> senders, bool counted = true);

  Uid uid_;
  const Neighborly& common_;
  const Device device_;
  Fiber* fiber_ = nullptr;
  std::unique_ptr<Trainer> trainer_;
  std::shared_ptr<Array> x_;                   // shared while it is published
  std::deque<std::shared_ptr<Array>> values_;  // of the channels that are not x's
  std::deque<Channel> channels_;
  Round round_ = 0;
  Kind next_kind_ = 0;     // of this round's
  Kind own_kinds_at_ = 0;  // the first that is no channel's

  // This round's neighborhood, as Sharing::Turn shows it.
  float self_weight_ = 1;
  std::vector<Sharing::Sender> senders_;
  std::vector<Uid> sender_uids_;
  std::vector<Uid> receivers_;

  Reports reports_;
  Traffic traffic_;
  mutable std::mutex mail_mutex_;
  Traffic mail_traffic_;  // loose
  Clocks clocks_;
};

}  // namespace kith
