#pragma once

#include "kernels/gap_code.h"

/// Gaps as numbers of base 128 (LEB128): of g − 1, seven bits a byte, the lowest first, the highest
/// bit of a byte set where another follows. Up to 128 a gap takes a byte.
namespace kith::kernels {

/// What a number below 2^32 takes at most.
inline constexpr std::size_t kLongestVarint = 5;

/// No `count` indices below `limit` take more bytes than this.
std::size_t varint_room(std::size_t count, std::uint32_t limit);

/// Writes up to kVarintSlack bytes more than it returns.
inline constexpr std::size_t kVarintSlack = 8;
std::size_t varint_encode(std::span<const std::uint32_t> indices, std::byte* out);
std::size_t varint_decode(GapReader& reader, std::span<std::uint32_t> out);

}  // namespace kith::kernels
