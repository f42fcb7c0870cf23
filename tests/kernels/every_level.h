#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "core/array.h"
#include "core/random.h"
#include "kernels/level.h"

namespace kith::kernels {

/// Tests that run once at each level of this processor. Instantiate a suite with
/// `INSTANTIATE_TEST_SUITE_P(Level, Suite, supported_levels(), level_name)`.
class EveryLevel : public ::testing::TestWithParam<Level> {
 private:
  LevelScope scope_{GetParam()};
};

inline auto supported_levels() {
  std::vector<Level> levels{Level::kGeneric};
  if (supports(Level::kV3)) levels.push_back(Level::kV3);
  return ::testing::ValuesIn(levels);
}

inline std::string level_name(const ::testing::TestParamInfo<Level>& info) {
  return info.param == Level::kV3 ? "v3" : "generic";
}

/// Around the vector widths, and one that is none of them.
inline constexpr std::size_t kSizes[] = {0, 1, 31, 32, 33, 1'000'003};

/// In floats, from an aligned base: aligned, and not.
inline constexpr std::size_t kOffsets[] = {0, 1, 7};

/// Numbers in [-1, 1), the same ones for the same seed.
inline Array random_array(std::size_t size, std::uint64_t seed) {
  Random random(seed, Purpose::kModel);
  Array array(size);
  for (std::size_t i = 0; i < size; ++i) array[i] = 2 * random.uniform_float() - 1;
  return array;
}

inline Array copy_of(ConstArrayView x) {
  Array copy(x.size);
  std::copy(x.begin(), x.end(), copy.data());
  return copy;
}

inline bool same_bits(ConstArrayView a, ConstArrayView b) {
  return a.size == b.size &&
         (a.size == 0 || std::memcmp(a.data, b.data, a.size * sizeof(float)) == 0);
}

}  // namespace kith::kernels
