#pragma once

#include "core/random.h"
#include "node/node.h"

namespace kith {

/// One of those that hear `self` in this round, uniformly; `self` where nobody does.
inline Uid random_neighbor(const Node& self) {
  const auto count = static_cast<std::uint32_t>(self.receivers().size());
  if (count == 0) return self.uid();
  Random random(self.seed(), Purpose::kNode, static_cast<std::uint32_t>(self.uid()),
                static_cast<std::uint32_t>(self.round()));
  return self.receivers()[random.below(count)];
}

}  // namespace kith
