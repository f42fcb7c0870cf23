#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "communication/post_office.h"
#include "core/executor.h"
#include "graph/schedule.h"
#include "model/model.h"
#include "node/observer.h"
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
  const Schedule& schedule;
  PostOffice& office;
  ModelPool& models;
  ArrayPool& vectors;
  Observer& observer;
};

/// One learner, as its protocol sees it: a parameter vector, the three verbs of training, and
/// neighbors to talk to. Everything is done by the node's own coroutine.
class Node {
 public:
  Node(Uid uid, const Neighborly& common, std::unique_ptr<Trainer> trainer,
       std::shared_ptr<Array> x);

  /// How it talks; called once, before it runs. What the method reports goes to `reports()`.
  void set_sharing(std::unique_ptr<Sharing> sharing) {
    sharing_ = std::move(sharing);
    sharing_->start(x());
  }

  Uid uid() const { return uid_; }
  Round rounds() const { return common_.rounds; }
  Round round() const { return round_; }

  /// Whose coroutine this is; called once, before the protocol runs.
  void attach(Fiber& fiber) { fiber_ = &fiber; }
  Fiber& fiber() { return *fiber_; }

  /// Begins `round`: neighbors may now send what belongs to it.
  void begin(Round round);

  // --- the parameter vector ---

  ConstArrayView x() const { return x_->view(); }

  /// x as it is now, which nobody writes while this is held.
  Slot published() const { return x_; }

  /// A vector as long as x with arbitrary content, from the process's pool.
  std::shared_ptr<Array> vector() { return common_.vectors.take(); }

  // --- training ---

  std::int64_t local_steps() const { return trainer_->steps_per_round(); }

  /// x ← x after this round's local steps.
  void train();

  /// g ← the gradient at x for the next batch.
  void gradient(Array& g);

  /// x ← the optimizer's step from x along g.
  void step(const Array& g);

  /// out ← x after this round's local steps; x stays.
  void local_update(Array& out);

  /// x ← x + (y − z), for what several local steps did while x was on its way. Leaves y − z in y.
  void add_difference(Array& y, ConstArrayView z);

  // --- talking ---

  /// x ← W x, by the sharing method: say, then hear.
  Task<> mix();

  /// Says x to the neighbors of this round. From now until `hear` is done x is read-only.
  Task<> say();

  /// Hears the neighbors; x becomes the merged vector.
  Task<> hear();

  /// Evaluates, when evaluation is due after `completed` rounds.
  Task<> observe(Round completed);

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
  Task<> send(Sharing::Outbox& outbox, Kind exchange);
  Task<> exchange(Kind exchange);
  Sharing::Turn turn(Kind exchange) const;
  void make_x_writable();
  void check_finite() const;

  Uid uid_;
  const Neighborly& common_;
  Fiber* fiber_ = nullptr;
  std::unique_ptr<Trainer> trainer_;
  std::unique_ptr<Sharing> sharing_;
  std::shared_ptr<Array> x_;  // shared while it is published
  Round round_ = 0;

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
