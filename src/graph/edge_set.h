#pragma once

#include <cstdint>
#include <vector>

#include "core/types.h"

namespace kith {

/// A set of undirected edges that answers at once whether two nodes are joined, while a random
/// graph grows: open addressing with linear probing, 12 to 24 bytes an edge at `capacity` edges.
class EdgeSet {
 public:
  /// Room for `capacity` edges, and no more.
  explicit EdgeSet(std::size_t capacity);

  bool contains(Uid a, Uid b) const { return slots_[find(key(a, b))] != kEmpty; }

  /// Adds an edge that is not in the set.
  void insert(Uid a, Uid b);

  /// Removes an edge of the set.
  void erase(Uid a, Uid b);

 private:
  static constexpr std::uint64_t kEmpty = ~std::uint64_t{0};

  static std::uint64_t key(Uid a, Uid b);

  std::size_t home(std::uint64_t key) const;
  std::size_t next(std::size_t slot) const { return (slot + 1) & (slots_.size() - 1); }

  /// The slot that holds `key`, or the empty one where it belongs.
  std::size_t find(std::uint64_t key) const;

  std::vector<std::uint64_t> slots_;  // as many as a power of two
};

}  // namespace kith
