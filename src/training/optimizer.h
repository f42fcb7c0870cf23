#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/array.h"
#include "core/registry.h"
#include "training/settings.h"

namespace kith {

/// A rule that makes new parameters from parameters and a gradient. Immutable, so thread-safe; one
/// object serves all nodes, and each node owns the vectors that the rule remembers.
class Optimizer {
 public:
  using Common = TrainingSettings;

  /// A step in the life of one node's optimizer state.
  struct Step {
    std::int64_t count = 1;  ///< 1 for the first step since the state was zero
    double lr = 0;           ///< the learning rate now: base_lr() times the schedule's factor
  };

  static Registry<Optimizer>& registry();

  virtual ~Optimizer() = default;

  /// Whether the config gives a learning rate. One that takes no steps needs none.
  bool has_lr() const { return lr_.has_value(); }

  /// The learning rate of the config; call it only where there is one.
  double base_lr() const { return lr_.value(); }

  /// The names of the vectors it remembers: each of the size of the parameters, zero at first.
  virtual std::vector<std::string> state() const = 0;

  /// Reads `x` and the gradient `g`, updates `state` (in the order of their names) and writes
  /// `out`, which may be `x`. Coordinates do not depend on each other: a step may come piece by
  /// piece, each coordinate once.
  virtual void step(const Step& step, ConstArrayView x, ConstArrayView g,
                    std::span<const ArrayView> state, ArrayView out) const = 0;

 protected:
  explicit Optimizer(std::optional<double> lr) : lr_(lr) {}

 private:
  std::optional<double> lr_;
};

}  // namespace kith
