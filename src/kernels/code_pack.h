#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/array.h"
#include "core/inline.h"

/// Codes of a few bits, without the bits between. Code i takes bits i · width ..
/// i · width + width − 1 of a run of bytes, bit b of the run being bit b mod 8 of byte b / 8.
namespace kith::kernels {

/// Bytes that `count` codes of `width` bits take.
KITH_INLINE constexpr std::size_t code_bytes(std::size_t count, unsigned width) {
  return count / 8 * width + (count % 8 * width + 7) / 8;
}

/// Eight codes, a byte each, to 8 · width bits: neighbors are pushed together three times.
KITH_INLINE std::uint64_t squeeze(std::uint64_t codes, unsigned width) {
  constexpr std::uint64_t kPairs = 0x00ff00ff00ff00ff, kQuads = 0x0000ffff0000ffff;
  constexpr std::uint64_t kHalf = 0x00000000ffffffff;
  codes = (codes & kPairs) | (codes >> 8 & kPairs) << width;
  codes = (codes & kQuads) | (codes >> 16 & kQuads) << 2 * width;
  return (codes & kHalf) | (codes >> 32) << 4 * width;
}

/// `count` ones, 1..64.
KITH_INLINE std::uint64_t low_bits(unsigned count) { return ~std::uint64_t{0} >> (64 - count); }

/// The reverse. `bits` may go on behind the eight codes.
KITH_INLINE std::uint64_t spread(std::uint64_t bits, unsigned width) {
  const std::uint64_t four = low_bits(4 * width);
  bits = (bits & four) | (bits >> 4 * width & four) << 32;
  const std::uint64_t two = low_bits(2 * width) * 0x0000000100000001;
  bits = (bits & two) | (bits >> 2 * width & two) << 16;
  const std::uint64_t one = low_bits(width) * 0x0001000100010001;
  return (bits & one) | (bits >> width & one) << 8;
}

/// Packs the lower `width` bits, 1..8, of each code; the other bits must be 0. `bytes` has
/// code_bytes(codes.size(), width); bits behind the last code are 0. All lie in
/// the memory of `device`.
void pack_codes(std::span<const std::uint8_t> codes, unsigned width, std::uint8_t* bytes,
                const Device& device = {});

/// The reverse; reads no byte beyond code_bytes(codes.size(), width).
void unpack_codes(const std::uint8_t* bytes, unsigned width, std::span<std::uint8_t> codes,
                  const Device& device = {});

}  // namespace kith::kernels
