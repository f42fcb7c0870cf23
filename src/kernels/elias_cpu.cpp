#include "kernels/bit_stream.h"
#include "kernels/elias.h"

namespace kith::kernels::KITH_LEVEL {
namespace {

constexpr int kNone = 127;  // longer than any window

struct Gamma {
  KITH_INLINE BitCode operator()(std::uint32_t gap) const {
    return {gap, static_cast<std::uint64_t>(2 * floor_log2(gap) + 1)};
  }

  /// The zeros that lead, twice, and the one behind them.
  KITH_INLINE int length(std::uint64_t window) const { return 2 * __builtin_clzll(window | 1) + 1; }

  KITH_INLINE std::uint64_t gap(std::uint64_t window, int length) const {
    return window >> (64 - length);
  }

  KITH_INLINE std::uint64_t long_code(const GapReader& reader, std::uint64_t& gap) const {
    const std::uint64_t end = 8 * static_cast<std::uint64_t>(reader.code.size());
    const int zeros = __builtin_clzll(bits_at(reader.code, reader.position) | 1);
    const auto length = static_cast<std::uint64_t>(2 * zeros + 1);
    if (zeros >= 32 || length > end - reader.position) return 0;
    gap = bits_at(reader.code, reader.position + static_cast<std::uint64_t>(zeros)) >> (63 - zeros);
    return length;
  }
};

struct Delta {
  KITH_INLINE BitCode operator()(std::uint32_t gap) const {
    const int rest = floor_log2(gap);
    const auto digits = static_cast<std::uint64_t>(rest) + 1;
    const std::uint64_t one = std::uint64_t{1} << rest;
    return {digits << rest | (gap - one),
            static_cast<std::uint64_t>(2 * floor_log2(digits) + 1 + rest)};
  }

  KITH_INLINE int length(std::uint64_t window) const {
    const int zeros = __builtin_clzll(window | 1);
    if (zeros > 5) return kNone;  // 64 digits and more
    return 2 * zeros + static_cast<int>(window >> (63 - 2 * zeros));
  }

  /// Up to 2^57, for digits that no index has; the limit sorts them out.
  KITH_INLINE std::uint64_t gap(std::uint64_t window, int length) const {
    const int head = 2 * __builtin_clzll(window | 1) + 1;
    const int rest = length - head;
    return std::uint64_t{1} << rest | (window << head) >> 1 >> (63 - rest);
  }

  /// A code of 32 digits has 42 bits: none is long.
  KITH_INLINE std::uint64_t long_code(const GapReader&, std::uint64_t&) const { return 0; }
};

}  // namespace

std::size_t elias_gamma_encode(std::span<const std::uint32_t> indices, std::byte* out) {
  return write_gaps(indices, Gamma{}, out);
}

std::size_t elias_gamma_decode(GapReader& reader, std::span<std::uint32_t> out) {
  return read_gaps(reader, Gamma{}, out);
}

std::size_t elias_delta_encode(std::span<const std::uint32_t> indices, std::byte* out) {
  return write_gaps(indices, Delta{}, out);
}

std::size_t elias_delta_decode(GapReader& reader, std::span<std::uint32_t> out) {
  return read_gaps(reader, Delta{}, out);
}

}  // namespace kith::kernels::KITH_LEVEL
