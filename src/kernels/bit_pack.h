#pragma once

#include <cstdint>
#include <span>

#include "core/array.h"

/// Codes of a few bits, and signs, without the bits between. Code i takes bits i · width ..
/// i · width + width − 1 of a run of bytes, bit b of the run being bit b mod 8 of byte b / 8.
namespace kith::kernels {

/// Bytes that `count` codes of `width` bits take.
constexpr std::size_t packed_bytes(std::size_t count, unsigned width) {
  return count / 8 * width + (count % 8 * width + 7) / 8;
}

/// Packs the lower `width` bits, 1..8, of each code; the other bits must be 0. `bytes` has
/// packed_bytes(codes.size(), width); bits behind the last code are 0.
void pack_bits(std::span<const std::uint8_t> codes, unsigned width, std::uint8_t* bytes);

/// The reverse; reads no byte beyond packed_bytes(codes.size(), width).
void unpack_bits(const std::uint8_t* bytes, unsigned width, std::span<std::uint8_t> codes);

/// Bit i of `bits` = whether x_i has its sign bit set. `bits` has packed_bytes(x.size, 1).
void sign_bits(ConstArrayView x, std::uint8_t* bits);

/// out_i += −value where bit i is set, +value elsewhere.
void add_signs(const std::uint8_t* bits, float value, ArrayView out);

}  // namespace kith::kernels
