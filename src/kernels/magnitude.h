#pragma once

#include <cstdint>

#include "core/inline.h"

namespace kith::kernels {

constexpr std::int32_t kMagnitude = 0x7fffffff;  // all of a float32 but its sign
constexpr std::int32_t kInfinity = 0x7f800000;   // the smallest magnitude that is not finite

/// |x| as an integer: the order of magnitudes is the order of these, infinity and NaN on top.
KITH_INLINE std::int32_t magnitude(float x) {
  return __builtin_bit_cast(std::int32_t, x) & kMagnitude;
}

/// An integer whose order is that of the floats, by their bits; it is its own inverse. NaN is
/// beyond infinity.
KITH_INLINE std::int32_t in_order(std::int32_t bits) { return bits ^ ((bits >> 31) & kMagnitude); }

}  // namespace kith::kernels
