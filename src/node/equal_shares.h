#pragma once

#include <cstdint>

namespace kith {

/// The weights of a mean over n vectors. Rounded to float32, n times 1/n would make 1 ± 1e-7, and
/// what is averaged round by round would shrink or grow: what the others leave of 1 is one's own.
struct EqualShares {
  float each;
  float own;

  explicit EqualShares(std::int64_t n)
      : each(1 / static_cast<float>(n)),
        own(static_cast<float>(1 - static_cast<double>(n - 1) * double{each})) {}
};

}  // namespace kith
