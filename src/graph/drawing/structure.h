#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "graph/graph.h"

namespace kith {

/// What a picture can show of an undirected graph.

/// Connected, and without cycles.
bool is_tree(const Graph& graph);

/// Whether node i talks to i + a for the same offsets a, whatever i: rings, complete graphs,
/// exponential graphs.
bool is_circulant(const Graph& graph);

/// Whether most edges join nodes that are next to each other on the circle 0, 1, …, n−1, 0, and
/// more of them than chance would have it: small worlds.
bool is_near_ring(const Graph& graph);

/// Rows and columns in which a node talks to those beside, above and below it.
struct Lattice {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::vector<Uid> cells;  ///< of each node, its row times `columns` plus its column
};

/// The lattice that `graph` is, with at least two rows and two columns. One whose nodes are not
/// numbered row by row is found if neither its rows nor its columns close to rings.
std::optional<Lattice> find_lattice(const Graph& graph);

/// For each node a binary number that differs from those of its neighbors in one digit, if `graph`
/// is a hypercube.
std::optional<std::vector<Uid>> find_hypercube(const Graph& graph);

/// The side of each node, of which node 0 is false, if `graph` is connected and all its edges run
/// between two sides.
std::optional<std::vector<bool>> find_sides(const Graph& graph);

/// The distance of each node from `start`; −1 where there is no way.
std::vector<std::int32_t> distances_from(const Graph& graph, Uid start);

}  // namespace kith
