#pragma once

#include <cstdint>

#include "core/array.h"

namespace kith::kernels {

/// XXH3-64 of some bytes (Collet, xxHash): the same number at every level. Finds damage, not malice.
std::uint64_t hash(ByteView bytes);

}  // namespace kith::kernels
