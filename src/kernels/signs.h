#pragma once

#include <cstddef>
#include <cstdint>

#include "core/array.h"

namespace kith::kernels {

/// Bytes that `count` signs take.
constexpr std::size_t sign_bytes(std::size_t count) { return count / 8 + (count % 8 != 0); }

/// Bit i mod 8 of byte i / 8 = whether x_i has its sign bit set. `bits` has sign_bytes(x.size);
/// bits behind the last sign are 0.
void sign_bits(ConstArrayView x, std::uint8_t* bits);

/// out_i += −value where bit i is set, +value elsewhere.
void add_signs(const std::uint8_t* bits, float value, ArrayView out);

}  // namespace kith::kernels
