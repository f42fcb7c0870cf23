#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "core/array.h"

namespace kith {

/// XXH3-64 of a parameter vector, as little-endian float32.
std::uint64_t digest_of(ConstArrayView x);

/// XXH3-64 of the nodes' digests, each as 8 little-endian bytes, in uid order.
std::uint64_t digest_of(std::span<const std::uint64_t> node_digests);

/// 16 lowercase hexadecimal digits.
std::string hex(std::uint64_t digest);

}  // namespace kith
