#pragma once

#include <vector>

#include "graph/graph.h"
#include "graph/point.h"

namespace kith {

/// Places for the nodes of a connected undirected graph whose distances |p_a − p_b| are close to
/// the lengths d_ab of the shortest paths: a low stress Σ (|p_a − p_b| − d_ab)² / d_ab² (Kamada &
/// Kawai 1989). Always the same for the same graph.
///
/// Pairs of nodes are taken in random order, and each is moved towards its distance, by steps that
/// shrink (Zheng, Pawar & Goodman, "Graph drawing by stochastic gradient descent", IEEE TVCG 2019);
/// then all nodes at once by majorization, until little changes. Up to 2,000 nodes all pairs count;
/// beyond, neighbors and the distances to some pivots, each of which stands for the nodes around it
/// (Ortmann, Klimenta & Brandes, "A sparse stress model", 2016).
std::vector<Point> stress_places(const Graph& graph);

}  // namespace kith
