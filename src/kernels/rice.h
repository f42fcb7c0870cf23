#pragma once

#include "kernels/gap_code.h"

/// Golomb's code for a divisor that is a power of two (Rice & Plaunt, "Adaptive variable-length
/// coding for efficient compression of spacecraft television data", IEEE Transactions on
/// Communication Technology, 1971). Of a gap g it writes the quotient of (g − 1) / 2^k as so many
/// zeros, a one, and the remainder in k bits.
namespace kith::kernels {

/// Σ (g − 1) / 2^k over the gaps, rounded down each, for k, k + 1 and k + 2. Indices and k are
/// below 2^32 and 30.
struct RiceQuotients {
  std::uint32_t sums[3] = {};
};
RiceQuotients rice_quotients(std::span<const std::uint32_t> indices, int k);

/// Needs room for the sum of the quotients and (1 + k) bits an index. k is at most 31.
std::size_t rice_encode(std::span<const std::uint32_t> indices, int k, std::byte* out);
std::size_t rice_decode(GapReader& reader, int k, std::span<std::uint32_t> out);

}  // namespace kith::kernels
