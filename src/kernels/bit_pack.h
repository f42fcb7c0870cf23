#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/array.h"

namespace kith::kernels {

/// What `count` numbers of `width` bits take.
constexpr std::size_t packed_bytes(std::size_t count, int width) {
  return (count * static_cast<std::size_t>(width) + 7) / 8;
}

/// Numbers below 2^width, 1 ≤ width ≤ 32, side by side: the lowest bit of the first one is the
/// lowest bit of the first byte, and zeros fill the last byte. `out` has
/// packed_bytes(numbers.size(), width). Both lie in the memory of `device`.
void bit_pack(std::span<const std::uint32_t> numbers, int width, std::byte* out,
              const Device& device = {});

/// The first out.size() numbers of what bit_pack wrote, which are in `packed`.
void bit_unpack(std::span<const std::byte> packed, int width, std::span<std::uint32_t> out,
                const Device& device = {});

}  // namespace kith::kernels
