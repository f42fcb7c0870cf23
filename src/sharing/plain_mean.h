#pragma once

#include <cstddef>

namespace kith {

/// The weights of a plain mean over a node and `heard` others. Those of the others are rounded; the
/// node's own is what they leave of 1, so that nodes that agree stay where they are.
struct PlainMean {
  explicit PlainMean(std::size_t heard)
      : weight(static_cast<float>(1.0 / static_cast<double>(heard + 1))),
        self_weight(static_cast<float>(1 - static_cast<double>(heard) * double{weight})) {}

  float weight;
  float self_weight;
};

}  // namespace kith
