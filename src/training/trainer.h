#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "core/array.h"
#include "core/types.h"
#include "dataset/sampler.h"
#include "model/model.h"
#include "training/learning_rate.h"
#include "training/optimizer.h"

namespace kith {

/// How all nodes of a run train: made once, shared by their trainers.
struct TrainingPlan {
  std::shared_ptr<const Optimizer> optimizer;
  std::shared_ptr<const LearningRate> schedule;
  TrainingSettings settings;
  std::uint64_t seed = 0;
  bool needs_samples = true;  ///< false where the gradient is exact, as for quadratics

  /// Gradients computed by all trainers so far: it grows as long as somebody works.
  std::shared_ptr<std::atomic<std::uint64_t>> gradients =
      std::make_shared<std::atomic<std::uint64_t>>(0);

  /// Checks that a config says all that training needs; throws ConfigError otherwise.
  static TrainingPlan make(const Blueprint<Optimizer>& training, Objective task,
                           std::uint64_t seed);
};

/// One node's training: three verbs on flat vectors. Each reads one buffer and writes another (or
/// the same), so that algorithms can mix between them. It owns what a node keeps from step to step:
/// the optimizer's state, the step count, and the place in its data.
class Trainer {
 public:
  /// `plan` and `partition` outlive the trainer. Vectors have so many `parameters`, and lie on
  /// `device`.
  Trainer(const TrainingPlan& plan, std::span<const std::uint32_t> partition, Uid node,
          std::size_t parameters, const Device& device = {});

  /// Local steps in one round: 0 for pure gossip, and for a node without data.
  std::int64_t steps_per_round() const;

  /// Whether the run trains at all. Then who has no data may follow what others found.
  bool takes_steps() const;

  void begin_round(Round round);

  /// g ← ∇F_i(x; the next batch). Throws NumericError when the loss is not finite. What a device
  /// has not found yet is looked at later: here and in the other verbs once 256 are due, at the end
  /// of local_update, in settle and in take_losses.
  void gradient(Model& model, ConstArrayView x, ArrayView g);

  /// out ← the optimizer's step from x along g. Advances its state by one step. Also for who has no
  /// data, and steps along what others found.
  void step(ConstArrayView x, ConstArrayView g, ArrayView out);

  /// out ← x after the local steps of one round.
  void local_update(Model& model, ConstArrayView x, ArrayView out);

  // What the verbs are made of, for those who compute the gradients of several nodes at once.

  /// Draws the next batch: where the gradient at `x` is wanted.
  Model::Point next_point(ConstArrayView x);

  /// g ← the gradient at that point. Throws NumericError when its loss is not finite.
  void take(const Gradient& gradient, ArrayView g);

  /// x ← the optimizer's step from x along the gradient at that point; throws likewise.
  void descend(const Gradient& gradient, ArrayView x);

  /// Waits for the losses that a device is still to find; throws as those who asked for them.
  void settle();

  Uid node() const { return node_; }

  /// Batch losses before their updates since the last call: their sum, and how many.
  std::pair<double, std::int64_t> take_losses();

  /// How many times as long as it takes a step of this node shall take.
  double slowness() const;

  std::int64_t samples_seen() const { return samples_seen_; }

  /// Of the step to come.
  double next_learning_rate() const;

  /// Of the last step; 0 before the first.
  double learning_rate() const { return lr_; }
  std::int64_t partition_size() const { return static_cast<std::int64_t>(partition_.size()); }

  /// Keeps the sample indices of every batch from now on, for take_batches().
  void record_batches() { records_batches_ = true; }
  std::vector<std::vector<std::uint32_t>> take_batches() { return std::exchange(batches_, {}); }

 private:
  void record(const Gradient& gradient);
  void record(double loss, std::int64_t step);
  void advance();
  void make_state(std::size_t parameters, const Device& device);
  void step_piece(std::size_t offset, ConstArrayView x, ConstArrayView g, ArrayView out);

  const TrainingPlan& plan_;
  std::span<const std::uint32_t> partition_;
  Uid node_;
  Sampler sampler_;
  std::vector<Array> state_;             // one per Optimizer::state()
  std::vector<ArrayView> state_pieces_;  // kept to save an allocation each step
  std::int64_t steps_ = 0;               // since the start: what the schedule counts
  std::int64_t steps_since_reset_ = 0;   // what the optimizer counts
  double lr_ = 0;                        // of the current step

  Array pending_;                            // losses that a device is still to find
  std::vector<std::int64_t> pending_steps_;  // steps before each of them
  double loss_sum_ = 0;
  std::int64_t losses_ = 0;
  std::int64_t samples_seen_ = 0;
  bool records_batches_ = false;
  std::vector<std::vector<std::uint32_t>> batches_;
};

}  // namespace kith
