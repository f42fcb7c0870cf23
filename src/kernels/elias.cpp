#include "kernels/elias.h"

#include <bit>

#include "kernels/level.h"

namespace kith::kernels {

namespace generic {
decltype(kernels::elias_gamma_encode) elias_gamma_encode;
decltype(kernels::elias_gamma_decode) elias_gamma_decode;
decltype(kernels::elias_delta_encode) elias_delta_encode;
decltype(kernels::elias_delta_decode) elias_delta_decode;
}  // namespace generic
namespace v3 {
decltype(kernels::elias_gamma_encode) elias_gamma_encode;
decltype(kernels::elias_gamma_decode) elias_gamma_decode;
decltype(kernels::elias_delta_encode) elias_delta_encode;
decltype(kernels::elias_delta_decode) elias_delta_decode;
}  // namespace v3

namespace {

/// At least the logarithm of the mean gap. Both codes' lengths are at most concave functions of
/// log2 g, so no indices take more than `count` of mean gap would.
std::uint64_t log2_of_mean_gap(std::size_t count, std::uint32_t limit) {
  return static_cast<std::uint64_t>(std::bit_width(limit / count));
}

std::size_t bytes_of(std::uint64_t bits) { return static_cast<std::size_t>((bits + 7) / 8); }

}  // namespace

std::size_t elias_gamma_room(std::size_t count, std::uint32_t limit) {
  if (count == 0) return 0;
  return bytes_of(count * (2 * log2_of_mean_gap(count, limit) + 1));
}

std::size_t elias_delta_room(std::size_t count, std::uint32_t limit) {
  if (count == 0) return 0;
  const std::uint64_t digits = log2_of_mean_gap(count, limit);
  const auto log2_of_digits = static_cast<std::uint64_t>(std::bit_width(digits + 1));
  return bytes_of(count * (digits + 2 * log2_of_digits + 1));
}

std::size_t elias_gamma_encode(std::span<const std::uint32_t> indices, std::byte* out) {
  return at_level(generic::elias_gamma_encode, v3::elias_gamma_encode)(indices, out);
}

std::size_t elias_gamma_decode(GapReader& reader, std::span<std::uint32_t> out) {
  return at_level(generic::elias_gamma_decode, v3::elias_gamma_decode)(reader, out);
}

std::size_t elias_delta_encode(std::span<const std::uint32_t> indices, std::byte* out) {
  return at_level(generic::elias_delta_encode, v3::elias_delta_encode)(indices, out);
}

std::size_t elias_delta_decode(GapReader& reader, std::span<std::uint32_t> out) {
  return at_level(generic::elias_delta_decode, v3::elias_delta_decode)(reader, out);
}

}  // namespace kith::kernels
