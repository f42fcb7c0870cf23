#include "experiment/digest.h"

#include <bit>
#include <cstdio>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace kith {

static_assert(std::endian::native == std::endian::little, "digests are of little-endian bytes");

std::uint64_t digest_of(ConstArrayView x) { return XXH3_64bits(x.data, x.size * sizeof(float)); }

std::uint64_t digest_of(std::span<const std::uint64_t> node_digests) {
  return XXH3_64bits(node_digests.data(), node_digests.size_bytes());
}

std::string hex(std::uint64_t digest) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(digest));
  return text;
}

}  // namespace kith
