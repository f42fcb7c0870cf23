#include "graph/drawing/forest.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace kith {
namespace {

/// Leaves are taken away again and again; the centers of a tree are what goes last. What never goes
/// comes first, by its degree.
std::vector<Uid> innermost_first(const Graph& graph) {
  std::vector<std::int64_t> degrees;
  std::vector<Uid> peeled;
  for (Uid node = 0; node < graph.nodes(); ++node) {
    degrees.push_back(graph.degree(node));
    if (degrees.back() <= 1) peeled.push_back(node);
  }
  std::vector<std::int64_t> layers(degrees.size(), 0);
  for (const Uid node : peeled) layers[std::size_t(node)] = 1;
  for (std::size_t head = 0; head < peeled.size(); ++head) {
    for (const Uid next : graph.neighbors(peeled[head])) {
      if (--degrees[std::size_t(next)] != 1 || layers[std::size_t(next)] != 0) continue;
      layers[std::size_t(next)] = layers[std::size_t(peeled[head])] + 1;
      peeled.push_back(next);
    }
  }
  std::vector<Uid> order(degrees.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, std::greater{}, [&](Uid node) {
    const std::int64_t layer = layers[std::size_t(node)];
    return layer == 0 ? graph.nodes() + graph.degree(node) : layer;
  });
  return order;
}

}  // namespace

Forest::Forest(const Graph& graph)
    : children_(std::size_t(graph.nodes()), std::vector<Uid>{}),
      depths_(children_.size(), 0),
      leaves_(children_.size(), 0) {
  std::vector<bool> seen(children_.size());
  for (const Uid node : innermost_first(graph)) {
    if (!seen[std::size_t(node)]) grow(graph, node, seen);
  }
  for (auto node = order_.rbegin(); node != order_.rend(); ++node) {
    std::int64_t& leaves = leaves_[std::size_t(*node)];
    for (const Uid child : children(*node)) leaves += leaves_[std::size_t(child)];
    if (children(*node).empty()) leaves = 1;
    height_ = std::max(height_, depth(*node));
  }
}

void Forest::grow(const Graph& graph, Uid root, std::vector<bool>& seen) {
  std::size_t head = order_.size();
  roots_.push_back(root);
  order_.push_back(root);
  seen[std::size_t(root)] = true;
  for (; head < order_.size(); ++head) {
    const Uid node = order_[head];
    for (const Uid next : graph.neighbors(node)) {
      if (seen[std::size_t(next)]) continue;
      seen[std::size_t(next)] = true;
      depths_[std::size_t(next)] = depth(node) + 1;
      children_[std::size_t(node)].push_back(next);
      order_.push_back(next);
    }
  }
}

}  // namespace kith
