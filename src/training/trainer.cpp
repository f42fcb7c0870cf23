#include "training/trainer.h"

#include <algorithm>
#include <cmath>

#include "core/device_memory.h"
#include "core/text.h"
#include "kernels/vector_ops.h"

namespace kith {
namespace {

std::int64_t batch_size_of(const TrainingPlan& plan) {
  const auto& size = plan.settings.batch_size;
  return size ? size->samples : 0;
}

Sampler::Order order_of(const TrainingPlan& plan) {
  return plan.settings.sampling == "round" ? Sampler::Order::kRound : Sampler::Order::kEpoch;
}

}  // namespace

TrainingPlan TrainingPlan::make(const Blueprint<Optimizer>& training, Objective task,
                                std::uint64_t seed) {
  TrainingPlan plan;
  plan.settings = training.common();
  plan.optimizer = training.make();
  plan.schedule = plan.settings.schedule.make();
  plan.seed =
      static_cast<std::uint64_t>(plan.settings.seed.value_or(static_cast<std::int64_t>(seed)));
  plan.needs_samples = task != Objective::kQuadratics;
  const bool trains = plan.settings.local_epochs || plan.settings.local_steps.value_or(1) > 0;
  if (!trains) return plan;
  if (task == Objective::kNone) {
    throw ConfigError(
        "/training/local_steps: must be 0 (pure gossip) with the dataset \"none\", which has "
        "nothing to train on");
  }
  if (!plan.optimizer->has_lr()) {
    throw ConfigError("/training: missing \"lr\" (number above 0): the learning rate");
  }
  if (plan.needs_samples && !plan.settings.batch_size) {
    throw ConfigError(
        "/training: missing \"batch_size\" (integer at least 1, or \"full\"): samples per step");
  }
  if (!plan.needs_samples && plan.settings.local_epochs) {
    throw ConfigError("/training/local_epochs: quadratics have no epochs; set local_steps");
  }
  return plan;
}

Trainer::Trainer(const TrainingPlan& plan, std::span<const std::uint32_t> partition, Uid node,
                 std::size_t parameters, const Device& device)
    : plan_(plan),
      partition_(partition),
      node_(node),
      sampler_(partition, batch_size_of(plan), order_of(plan), plan.seed, node) {
  if (steps_per_round() > 0 && parameters > 0) make_state(parameters, device);
}

void Trainer::make_state(std::size_t parameters, const Device& device) {
  for (std::size_t i = 0; i < plan_.optimizer->state().size(); ++i) {
    state_.emplace_back(parameters, device);
  }
  state_pieces_.resize(state_.size());
}

std::int64_t Trainer::steps_per_round() const {
  if (plan_.needs_samples && partition_.empty()) return 0;
  if (plan_.settings.local_epochs) {
    return *plan_.settings.local_epochs * sampler_.batches_per_epoch();
  }
  return plan_.settings.local_steps.value_or(1);
}

bool Trainer::takes_steps() const {
  return plan_.settings.local_epochs || plan_.settings.local_steps.value_or(1) > 0;
}

void Trainer::begin_round(Round round) {
  sampler_.begin_round(round);
  if (!plan_.settings.reset_optimizer) return;
  steps_since_reset_ = 0;
  for (Array& vector : state_) kernels::fill(vector.view(), 0);
}

Model::Point Trainer::next_point(ConstArrayView x) {
  Model::Point point{x, node_, {}};
  if (plan_.needs_samples) {
    point.batch = sampler_.next();
    samples_seen_ += static_cast<std::int64_t>(point.batch.size());
    if (records_batches_) batches_.emplace_back(point.batch.begin(), point.batch.end());
  }
  return point;
}

void Trainer::record(const Gradient& gradient) {
  plan_.gradients->fetch_add(1, std::memory_order_relaxed);
  if (gradient.loss_there.size == 0) return record(gradient.loss, steps_);
  constexpr std::size_t kPending = 256;
  if (pending_.size() == 0) pending_ = Array(kPending, gradient.loss_there.device);
  copy(gradient.loss_there, pending_.view().part(pending_steps_.size(), 1));
  pending_steps_.push_back(steps_);
  if (pending_steps_.size() == kPending) settle();
}

void Trainer::settle() {
  if (pending_steps_.empty()) return;
  const Array found = host_copy(pending_.view().part(0, pending_steps_.size()));
  const std::vector<std::int64_t> steps = std::exchange(pending_steps_, {});
  for (std::size_t k = 0; k < steps.size(); ++k) record(found[k], steps[k]);
}

void Trainer::record(double loss, std::int64_t step) {
  if (!std::isfinite(loss)) {
    throw NumericError(
        "the training loss is " + std::string(std::isnan(loss) ? "NaN" : "infinite") + " after " +
        count_of(static_cast<std::uint64_t>(step), "step") + "; a smaller learning rate may help");
  }
  loss_sum_ += loss;
  ++losses_;
}

double Trainer::slowness() const {
  const auto& slow = plan_.settings.slow;
  return slow && std::ranges::count(slow->nodes, node_) > 0 ? slow->factor : 1;
}

double Trainer::next_learning_rate() const {
  if (!plan_.optimizer->has_lr()) return 0;  // nothing is learned
  return plan_.optimizer->base_lr() * plan_.schedule->factor(steps_);
}

void Trainer::advance() {
  lr_ = next_learning_rate();
  ++steps_;
  ++steps_since_reset_;
}

void Trainer::step_piece(std::size_t offset, ConstArrayView x, ConstArrayView g, ArrayView out) {
  for (std::size_t i = 0; i < state_.size(); ++i) {
    state_pieces_[i] = state_[i].view().part(offset, g.size);
  }
  plan_.optimizer->step({steps_since_reset_, lr_}, x.part(offset, g.size), g, state_pieces_,
                        out.part(offset, g.size));
}

void Trainer::take(const Gradient& gradient, ArrayView g) {
  record(gradient);
  for (const Gradient::Piece& piece : gradient.pieces) {
    copy(piece.values, g.part(piece.offset, piece.values.size));
  }
}

void Trainer::descend(const Gradient& gradient, ArrayView x) {
  record(gradient);
  advance();
  for (const Gradient::Piece& piece : gradient.pieces) {
    step_piece(piece.offset, x, piece.values, x);
  }
}

void Trainer::gradient(Model& model, ConstArrayView x, ArrayView g) {
  const Model::Point point = next_point(x);
  take(model.gradient(point.x, point.node, point.batch), g);
}

void Trainer::step(ConstArrayView x, ConstArrayView g, ArrayView out) {
  if (state_.empty()) make_state(x.size, x.device);
  advance();
  step_piece(0, x, g, out);
}

void Trainer::local_update(Model& model, ConstArrayView x, ArrayView out) {
  if (out.data != x.data) copy(x, out);
  const std::int64_t steps = steps_per_round();
  for (std::int64_t i = 0; i < steps; ++i) {
    const Model::Point point = next_point(out);
    descend(model.gradient(point.x, point.node, point.batch), out);
  }
  settle();
}

std::pair<double, std::int64_t> Trainer::take_losses() {
  settle();
  return {std::exchange(loss_sum_, 0), std::exchange(losses_, 0)};
}

}  // namespace kith
