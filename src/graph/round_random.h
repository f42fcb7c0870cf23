#pragma once

#include "core/random.h"
#include "core/types.h"

namespace kith {

/// What a schedule draws for `round`, the same in every process. `part` tells apart the draws of
/// one round: those of each node, or of each matching.
inline Random round_random(std::uint64_t seed, Round round, std::int64_t part = 0) {
  return Random(seed, Purpose::kSchedule, static_cast<std::uint32_t>(part),
                static_cast<std::uint32_t>(round));
}

}  // namespace kith
