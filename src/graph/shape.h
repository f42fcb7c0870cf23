#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "graph/graph.h"

namespace kith {

/// Strong components; in an undirected graph, whose edges go both ways, simply the components.
std::int64_t count_components(const Graph& graph);

/// How many nodes hear how many others.
std::map<std::int64_t, std::int64_t> degree_histogram(const Graph& graph);

/// What is known of the largest distance between two nodes.
struct DiameterBounds {
  std::int64_t lower;
  std::int64_t upper;
};

/// Of a connected graph: equal up to 10,000 nodes. Beyond, the lower one is the distance of two
/// nodes of which each search that starts at the one ends at the other (double sweep), and the
/// upper one the distance to and from all nodes of the best among a few.
DiameterBounds diameter(const Graph& graph);

/// The mean over all nodes of the local clustering coefficient: which part of the pairs of a node's
/// neighbors are joined, 0 for a node with less than two. Absent for a directed graph, and where
/// the graph is so dense that counting its triangles takes too long.
std::optional<double> clustering(const Graph& graph);

/// The most nodes at one distance from the first node, of those that it reaches.
std::int64_t widest_level(const Graph& graph);

}  // namespace kith
