#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

/// Codes of a few bits, without the bits between. Code i takes bits i · width ..
/// i · width + width − 1 of a run of bytes, bit b of the run being bit b mod 8 of byte b / 8.
namespace kith::kernels {

/// Bytes that `count` codes of `width` bits take.
constexpr std::size_t code_bytes(std::size_t count, unsigned width) {
  return count / 8 * width + (count % 8 * width + 7) / 8;
}

/// Packs the lower `width` bits, 1..8, of each code; the other bits must be 0. `bytes` has
/// code_bytes(codes.size(), width); bits behind the last code are 0.
void pack_codes(std::span<const std::uint8_t> codes, unsigned width, std::uint8_t* bytes);

/// The reverse; reads no byte beyond code_bytes(codes.size(), width).
void unpack_codes(const std::uint8_t* bytes, unsigned width, std::span<std::uint8_t> codes);

}  // namespace kith::kernels
