#pragma once

#include "core/random.h"
#include "graph/drawing/layout.h"
#include "graph/graph_testing.h"

namespace kith {

inline Graph graph_of(const std::string& json, std::int64_t nodes, std::uint64_t seed = 1) {
  return make_matrix(json, nodes, seed).graph;
}

/// The same graph, its nodes numbered at random.
inline Graph shuffled(const Graph& graph, std::uint64_t seed = 1) {
  std::vector<Uid> uids;
  for (Uid node = 0; node < graph.nodes(); ++node) uids.push_back(node);
  Random random(seed, Purpose::kGraph);
  shuffle(std::span(uids), random);
  std::vector<Edge> edges;
  for (const auto& [a, b] : edges_of(graph)) {
    edges.push_back({uids[std::size_t(a)], uids[std::size_t(b)]});
  }
  return Graph::undirected(graph.nodes(), edges);
}

inline Point place_of(const Layout& layout, Uid node) { return layout.places()[std::size_t(node)]; }

inline double distance(const Layout& layout, Uid a, Uid b) {
  return length(place_of(layout, a) - place_of(layout, b));
}

/// Positive where c lies to the right of the way from a to b.
inline double side(Point a, Point b, Point c) {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

/// Pairs of edges without a common end whose straight lines meet.
inline int crossings(const Layout& layout, const Graph& graph) {
  const auto edges = edges_of(graph);
  const auto apart = [](double p, double q) { return (p > 0 && q < 0) || (p < 0 && q > 0); };
  int crossings = 0;
  for (std::size_t i = 0; i < edges.size(); ++i) {
    const Point a = place_of(layout, edges[i].first);
    const Point b = place_of(layout, edges[i].second);
    for (std::size_t k = 0; k < i; ++k) {
      const Point c = place_of(layout, edges[k].first);
      const Point d = place_of(layout, edges[k].second);
      crossings += apart(side(a, b, c), side(a, b, d)) && apart(side(c, d, a), side(c, d, b));
    }
  }
  return crossings;
}

}  // namespace kith
