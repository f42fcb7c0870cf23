#pragma once

#include "kernels/gap_code.h"

/// The universal codes of Elias ("Universal codeword sets and representations of the integers",
/// IEEE Transactions on Information Theory, 1975).
namespace kith::kernels {

/// Gamma: ⌊log2 g⌋ zeros, then the gap g in binary, 2 ⌊log2 g⌋ + 1 bits in all.
///
/// No `count` indices below `limit` take more bytes than this.
std::size_t elias_gamma_room(std::size_t count, std::uint32_t limit);
std::size_t elias_gamma_encode(std::span<const std::uint32_t> indices, std::byte* out);
std::size_t elias_gamma_decode(GapReader& reader, std::span<std::uint32_t> out);

/// Delta: the number of g's binary digits in gamma, then the digits behind the first one.
///
/// No `count` indices below `limit` take more bytes than this.
std::size_t elias_delta_room(std::size_t count, std::uint32_t limit);
std::size_t elias_delta_encode(std::span<const std::uint32_t> indices, std::byte* out);
std::size_t elias_delta_decode(GapReader& reader, std::span<std::uint32_t> out);

}  // namespace kith::kernels
