#define XXH_INLINE_ALL
#include <xxhash.h>

#include "kernels/hash.h"

namespace kith::kernels::KITH_LEVEL {

std::uint64_t hash(ByteView bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

}  // namespace kith::kernels::KITH_LEVEL
