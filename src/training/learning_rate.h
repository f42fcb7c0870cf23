#pragma once

#include <cstdint>

#include "core/registry.h"

namespace kith {

/// How the learning rate changes over a node's local steps. Immutable, so thread-safe; one object
/// serves all nodes.
class LearningRate {
 public:
  using Common = NoCommon;

  static Registry<LearningRate>& registry();

  virtual ~LearningRate() = default;

  /// What `lr` is multiplied by in the local step that `steps_done` steps came before: 0 for the
  /// first one.
  virtual double factor(std::int64_t steps_done) const = 0;
};

}  // namespace kith
