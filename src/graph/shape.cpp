#include "graph/shape.h"

#include <algorithm>
#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <boost/graph/strong_components.hpp>

namespace kith {
namespace {

enum class Along { kReceivers, kSenders };

/// A breadth-first search: the nodes that are reached in the order of their distances.
class Search {
 public:
  explicit Search(const Graph& graph) : graph_(graph), distances_(std::size_t(graph.nodes())) {
    order_.reserve(distances_.size());
  }

  /// Ends when all nodes are reached.
  void from(Uid start, Along along = Along::kReceivers) {
    std::ranges::fill(distances_, -1);
    order_.assign(1, start);
    distances_[std::size_t(start)] = 0;
    for (std::size_t head = 0; head < order_.size() && order_.size() < distances_.size(); ++head) {
      const Uid node = order_[head];
      const std::int32_t distance = distance_to(node) + 1;
      for (const Uid next :
           along == Along::kReceivers ? graph_.receivers(node) : graph_.senders(node)) {
        if (distances_[std::size_t(next)] >= 0) continue;
        distances_[std::size_t(next)] = distance;
        order_.push_back(next);
      }
    }
  }

  const std::vector<Uid>& order() const { return order_; }
  std::int32_t distance_to(Uid node) const { return distances_[std::size_t(node)]; }
  Uid farthest() const { return order_.back(); }
  std::int64_t eccentricity() const { return distance_to(farthest()); }

  /// A node half the way from the start to `end`.
  Uid halfway_to(Uid end) const {
    const std::int32_t half = distance_to(end) / 2;
    while (distance_to(end) > half) {
      const auto senders = graph_.senders(end);
      end = *std::ranges::find(senders, distance_to(end) - 1,
                               [this](Uid sender) { return distance_to(sender); });
    }
    return end;
  }

 private:
  const Graph& graph_;
  std::vector<std::int32_t> distances_;
  std::vector<Uid> order_;
};

DiameterBounds bounds(const Graph& graph) {
  Search search(graph);
  DiameterBounds bounds{0, 2 * graph.nodes()};
  // From wherever we start, the farthest node, what is farthest from there, and the middle.
  Uid node = 0;
  for (int sweep = 0; sweep < 3; ++sweep) {
    search.from(node, Along::kSenders);
    const std::int64_t to = search.eccentricity();
    search.from(node);
    bounds.lower = std::max({bounds.lower, to, search.eccentricity()});
    bounds.upper = std::min(bounds.upper, to + search.eccentricity());
    node = sweep == 0 ? search.farthest() : search.halfway_to(search.farthest());
  }
  return bounds;
}

}  // namespace

std::int64_t count_components(const Graph& graph) {
  using Directed = boost::compressed_sparse_row_graph<boost::directedS>;
  std::vector<std::pair<Uid, Uid>> edges;
  for (Uid node = 0; node < graph.nodes(); ++node) {
    for (const Uid receiver : graph.receivers(node)) edges.emplace_back(node, receiver);
  }
  const Directed copy(boost::edges_are_sorted, edges.begin(), edges.end(),
                      std::size_t(graph.nodes()));
  std::vector<std::size_t> component(std::size_t(graph.nodes()));
  const auto index = boost::get(boost::vertex_index, copy);
  return std::int64_t(
      boost::strong_components(copy, boost::make_iterator_property_map(component.begin(), index)));
}

std::map<std::int64_t, std::int64_t> degree_histogram(const Graph& graph) {
  std::map<std::int64_t, std::int64_t> histogram;
  for (Uid node = 0; node < graph.nodes(); ++node) ++histogram[graph.degree(node)];
  return histogram;
}

DiameterBounds diameter(const Graph& graph) {
  constexpr std::int64_t kMostNodesExact = 10'000;
  if (graph.nodes() > kMostNodesExact) return bounds(graph);
  Search search(graph);
  std::int64_t farthest = 0;
  for (Uid node = 0; node < graph.nodes(); ++node) {
    search.from(node);
    farthest = std::max(farthest, search.eccentricity());
  }
  return {farthest, farthest};
}

std::optional<double> clustering(const Graph& graph) {
  if (graph.is_directed()) return {};
  const auto nodes = static_cast<Uid>(graph.nodes());
  // Every edge is kept at its end of lower degree, so that a hub's long row is never walked.
  const auto rank = [&](Uid node) { return std::pair(graph.degree(node), node); };
  std::vector<std::vector<Uid>> up(std::size_t(nodes), std::vector<Uid>{});
  double work = 0;
  for (Uid node = 0; node < nodes; ++node) {
    std::ranges::copy_if(graph.neighbors(node), std::back_inserter(up[std::size_t(node)]),
                         [&](Uid other) { return rank(node) < rank(other); });
    work += double(up[std::size_t(node)].size()) * double(up[std::size_t(node)].size());
  }
  constexpr double kMostWork = 1e9;
  if (work > kMostWork) return {};
  std::vector<std::int64_t> triangles(std::size_t(nodes), 0);
  std::vector<Uid> seen_from(std::size_t(nodes), -1);
  for (Uid a = 0; a < nodes; ++a) {
    for (const Uid b : up[std::size_t(a)]) seen_from[std::size_t(b)] = a;
    for (const Uid b : up[std::size_t(a)]) {
      for (const Uid c : up[std::size_t(b)]) {
        if (seen_from[std::size_t(c)] != a) continue;
        for (const Uid corner : {a, b, c}) ++triangles[std::size_t(corner)];
      }
    }
  }
  double sum = 0;
  for (Uid node = 0; node < nodes; ++node) {
    const double degree = double(graph.degree(node));
    if (degree > 1) sum += 2 * double(triangles[std::size_t(node)]) / (degree * (degree - 1));
  }
  return sum / double(nodes);
}

std::int64_t widest_level(const Graph& graph) {
  Search search(graph);
  search.from(0);
  std::vector<std::int64_t> widths(std::size_t(search.eccentricity()) + 1);
  for (const Uid node : search.order()) ++widths[std::size_t(search.distance_to(node))];
  return std::ranges::max(widths);
}

}  // namespace kith
