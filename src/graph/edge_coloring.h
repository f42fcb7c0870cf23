#pragma once

#include <vector>

#include "graph/graph.h"

namespace kith {

/// The edges of an undirected graph, cut into matchings: as many as the largest degree where the
/// graph is bipartite, at most one more elsewhere (Misra & Gries, IPL 1992). None is empty.
std::vector<std::vector<Edge>> matchings_of(const Graph& graph);

}  // namespace kith
