#define XXH_INLINE_ALL
#include <xxhash.h>

#include "kernels/hash.h"

namespace kith::kernels::KITH_LEVEL {

namespace {

constexpr std::size_t kPiece = std::size_t{16} << 10;  // stays in the first cache

}  // namespace

std::uint64_t hash(ByteView bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

std::uint64_t copy_and_hash(ByteView bytes, std::byte* out) {
  XXH3_state_t state;
  XXH3_64bits_reset(&state);
  for (std::size_t at = 0; at < bytes.size(); at += kPiece) {
    const std::size_t left = bytes.size() - at;
    const std::size_t length = left < kPiece ? left : kPiece;
    __builtin_memcpy(out + at, bytes.data() + at, length);
    XXH3_64bits_update(&state, out + at, length);
  }
  return XXH3_64bits_digest(&state);
}

}  // namespace kith::kernels::KITH_LEVEL
