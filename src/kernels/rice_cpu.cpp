#include "kernels/bit_stream.h"
#include "kernels/rice.h"

namespace kith::kernels::KITH_LEVEL {
namespace {

struct Rice {
  int k;

  KITH_INLINE BitCode operator()(std::uint32_t gap) const {
    const std::uint64_t one = std::uint64_t{1} << k;
    const std::uint64_t skipped = gap - 1;
    return {one | (skipped & (one - 1)), (skipped >> k) + 1 + static_cast<std::uint64_t>(k)};
  }

  KITH_INLINE int length(std::uint64_t window) const {
    return window == 0 ? 127 : __builtin_clzll(window) + 1 + k;
  }

  KITH_INLINE std::uint64_t gap(std::uint64_t window, int) const {
    const auto quotient = static_cast<std::uint64_t>(__builtin_clzll(window));
    const std::uint64_t one_and_rest = (window << quotient) >> (63 - k);
    return (quotient << k) + one_and_rest - (std::uint64_t{1} << k) + 1;
  }

  KITH_INLINE std::uint64_t long_code(const GapReader& reader, std::uint64_t& gap) const {
    const std::uint64_t end = 8 * static_cast<std::uint64_t>(reader.code.size());
    std::uint64_t at = reader.position;
    std::uint64_t window = bits_at(reader.code, at);
    for (; window >> 32 == 0; window = bits_at(reader.code, at)) {
      if (at + 32 >= end) return 0;
      at += 32;
    }
    at += static_cast<std::uint64_t>(__builtin_clzll(window));
    const std::uint64_t quotient = at - reader.position;
    const std::uint64_t length = quotient + 1 + static_cast<std::uint64_t>(k);
    if (length > end - reader.position) return 0;
    if (quotient > reader.limit >> k) {  // and (quotient << k) might overflow
      gap = reader.limit + 1;
      return length;
    }
    const std::uint64_t one_and_rest = bits_at(reader.code, at) >> (63 - k);
    gap = (quotient << k) + one_and_rest - (std::uint64_t{1} << k) + 1;
    return length;
  }
};

}  // namespace

RiceQuotients rice_quotients(std::span<const std::uint32_t> indices, int k) {
  // All gaps together are below 2^32, so no sum overflows.
  const std::uint32_t* const index = indices.data();
  const std::size_t count = indices.size();
  RiceQuotients quotients;
  if (count == 0) return quotients;
  std::uint32_t a = index[0] >> k;
  std::uint32_t b = index[0] >> (k + 1);
  std::uint32_t c = index[0] >> (k + 2);
  for (std::size_t i = 1; i < count; ++i) {
    const std::uint32_t skipped = index[i] - index[i - 1] - 1;
    a += skipped >> k;
    b += skipped >> (k + 1);
    c += skipped >> (k + 2);
  }
  quotients.sums[0] = a;
  quotients.sums[1] = b;
  quotients.sums[2] = c;
  return quotients;
}

std::size_t rice_encode(std::span<const std::uint32_t> indices, int k, std::byte* out) {
  return write_gaps(indices, Rice{k}, out);
}

std::size_t rice_decode(GapReader& reader, int k, std::span<std::uint32_t> out) {
  return read_gaps(reader, Rice{k}, out);
}

}  // namespace kith::kernels::KITH_LEVEL
