#pragma once

#include <cstdint>

namespace kith {

/// A node's number, 0..n-1.
using Uid = std::int32_t;

/// Rounds completed before this one: the first round is 0.
using Round = std::int64_t;

}  // namespace kith
