#include "graph/edge_set.h"

#include <algorithm>
#include <bit>

namespace kith {

EdgeSet::EdgeSet(std::size_t capacity)
    : slots_(std::bit_ceil(std::max<std::size_t>(capacity + capacity / 2, 2)), kEmpty) {}

std::uint64_t EdgeSet::key(Uid a, Uid b) {
  const auto [low, high] = std::minmax(a, b);
  return std::uint64_t(low) << 32 | std::uint64_t(high);
}

std::size_t EdgeSet::home(std::uint64_t key) const {
  // Fibonacci hashing: the high bits of a product with 2^64 divided by the golden ratio.
  const std::uint64_t hash = (key ^ key >> 29) * 0x9E3779B97F4A7C15;
  return std::size_t(hash >> 32) & (slots_.size() - 1);
}

std::size_t EdgeSet::find(std::uint64_t key) const {
  std::size_t slot = home(key);
  while (slots_[slot] != kEmpty && slots_[slot] != key) slot = next(slot);
  return slot;
}

void EdgeSet::insert(Uid a, Uid b) {
  const std::uint64_t edge = key(a, b);
  slots_[find(edge)] = edge;
}

void EdgeSet::erase(Uid a, Uid b) {
  std::size_t hole = find(key(a, b));
  // Whatever lies behind the hole, up to the next empty slot, must stay reachable from its home:
  // it moves into the hole unless its home lies between the two.
  for (std::size_t slot = next(hole); slots_[slot] != kEmpty; slot = next(slot)) {
    const std::size_t mask = slots_.size() - 1;
    const std::size_t from_home = (slot - home(slots_[slot])) & mask;
    if (from_home < ((slot - hole) & mask)) continue;
    slots_[hole] = slots_[slot];
    hole = slot;
  }
  slots_[hole] = kEmpty;
}

}  // namespace kith
