#pragma once

#include <cstdint>
#include <vector>

#include "graph/graph.h"

namespace kith {

/// A tree of shortest paths in every component of an undirected graph. Its root is a center of the
/// component, if that is a tree, or else one of those with the most neighbors on cycles.
class Forest {
 public:
  explicit Forest(const Graph& graph);

  const std::vector<Uid>& roots() const { return roots_; }

  /// Parents before their children.
  const std::vector<Uid>& order() const { return order_; }

  const std::vector<Uid>& children(Uid node) const { return children_[std::size_t(node)]; }
  std::int64_t depth(Uid node) const { return depths_[std::size_t(node)]; }
  std::int64_t height() const { return height_; }

  /// In the part of the tree below `node`, which may be a leaf itself.
  std::int64_t leaves(Uid node) const { return leaves_[std::size_t(node)]; }

 private:
  void grow(const Graph& graph, Uid root, std::vector<bool>& seen);

  std::vector<Uid> roots_;
  std::vector<Uid> order_;
  std::vector<std::vector<Uid>> children_;
  std::vector<std::int64_t> depths_;
  std::vector<std::int64_t> leaves_;
  std::int64_t height_ = 0;
};

}  // namespace kith
