#pragma once

#include <cstdint>

#include "core/array.h"

namespace kith::kernels {

/// XXH3-64 of some bytes (Collet, xxHash): the same number at every level. Finds damage, not
/// malice.
std::uint64_t hash(ByteView bytes);

/// Copies `bytes` to `out`, which they do not overlap, and gives their hash: read from memory once.
std::uint64_t copy_and_hash(ByteView bytes, std::byte* out);

}  // namespace kith::kernels
