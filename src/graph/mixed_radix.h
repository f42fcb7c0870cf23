#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "graph/peers.h"

namespace kith {

/// The numbers 0..count-1 written with L digits, the l-th of n_l values, count = n_1 n_2 ⋯ n_L.
/// Averaging, digit by digit, over the groups that differ in that digit alone averages exactly.
class MixedRadix {
 public:
  /// The fewest digits of at most `most_values` values each, those of fewer values first; none if a
  /// prime factor of `count` is larger than that.
  static std::optional<MixedRadix> of(std::int64_t count, std::int64_t most_values);

  std::int64_t digits() const { return std::int64_t(values_.size()); }

  /// The numbers that differ from `number` in `digit` alone, and itself.
  Group group(std::int64_t number, std::int64_t digit) const;

 private:
  std::vector<std::int64_t> values_;   // n_l
  std::vector<std::int64_t> strides_;  // n_1 ⋯ n_{l-1}
};

/// The largest divisor of `count` that has no prime factor above `largest`.
std::int64_t smooth_part(std::int64_t count, std::int64_t largest);

}  // namespace kith
