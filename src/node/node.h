#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "communication/post_office.h"
#include "core/executor.h"
#include "graph/schedule.h"
#include "model/model.h"
#include "node/channel.h"
#include "node/observer.h"
#include "node/protocol.h"
#include "sharing/sharing.h"
#include "training/trainer.h"

namespace kith {

/// The models of a process: one for each thread, pointed at the node it works for.
class ModelPool {
 public:
  explicit ModelPool(std::vector<std::unique_ptr<Model>> one_per_thread)
      : models_(std::move(one_per_thread)) {}

  /// The calling thread's.
  Model& mine() { return *models_[static_cast<std::size_t>(Executor::worker())]; }

  const ParameterLayout& layout() const { return models_.front()->layout(); }
  const Model& any() const { return *models_.front(); }

 private:
  std::vector<std::unique_ptr<Model>> models_;
};

/// What the nodes of a process have in common.
struct Neighborly {
  Round rounds = 0;
  std::uint64_t seed = 0;
  const Schedule& schedule;
  PostOffice& office;
  ModelPool& models;
  ArrayPool& vectors;           ///< d floats each
  ArrayPool& weighted_vectors;  ///< d + 1
  Observer& observer;
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

  Uid uid() const { return uid_; }
  std::int64_t nodes() const { return common_.schedule.nodes(); }
  Round rounds() const { return common_.rounds; }
  Round round() const { return round_; }

  /// The run's, equal on all nodes.
  std::uint64_t seed() const { return common_.seed; }

  /// Whose coroutine this is; called once, before the protocol runs.
  void attach(Fiber& fiber) { fiber_ = &fiber; }
  Fiber& fiber() { return *fiber_; }

  /// Begins `round`: neighbors may now send what belongs to it.
  void begin(Round round);

  // --- the parameter vector ---

  ConstArrayView x() const { return x_->view(); }

  /// x as it is now, which nobody writes while this is held.
  Slot published() const { return x_; }

  /// To change x in place; a copy where somebody still reads what was published.
  ArrayView edit_x();

  /// To write all of x; what it holds until then is arbitrary.
  ArrayView overwrite_x();

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

  /// out ← x after this round's local steps; x stays.
  Task<> local_update(ArrayView out);

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

  /// Evaluates, when evaluation is due after `completed` rounds.
  Task<> observe(Round completed);

  /// Whether there is something to look at after `completed` rounds. Equal on all nodes.
  bool is_observed(Round completed) const { return common_.observer.due(completed); }

  // --- for those who look on ---

  /// Metrics of a protocol's own: the last value of each name stands in the next record.
  void report(std::string_view name, double value) { reports_.report(name, value); }
  Reports& reports() { return reports_; }

  const Traffic& traffic() const { return traffic_; }
  Trainer& trainer() { return *trainer_; }

  /// Seconds so far: training; waiting for neighbors; in the sharing method (code and merge).
  struct Clocks {
    double compute_s = 0;
    double wait_s = 0;
    double codec_s = 0;
  };
  const Clocks& clocks() const { return clocks_; }

 private:
  friend class Channel;

  Kind take_kinds(int count);
  Task<> send(Kind kind, Body body, std::span<const Uid> receivers, bool counted = true);
  Task<std::vector<Message>> receive(Kind kind, std::span<const Uid> senders, bool counted = true);

  Uid uid_;
  const Neighborly& common_;
  Fiber* fiber_ = nullptr;
  std::unique_ptr<Trainer> trainer_;
  std::shared_ptr<Array> x_;  // shared while it is published
  std::deque<std::shared_ptr<Array>> values_;  // of the channels that are not x's
  std::deque<Channel> channels_;
  Round round_ = 0;
  Kind next_kind_ = 0;  // of this round's
  Kind own_kinds_at_ = 0;  // the first that is no channel's

  // This round's neighborhood, as Sharing::Turn shows it.
  float self_weight_ = 1;
  std::vector<Sharing::Sender> senders_;
  std::vector<Uid> sender_uids_;
  std::vector<Uid> receivers_;

  Reports reports_;
  Traffic traffic_;
  Clocks clocks_;
};

}  // namespace kith
