#include "graph/drawing/structure.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

namespace kith {
namespace {

/// `holds(a, b)` for every edge, a < b.
template <class Test>
bool all_edges(const Graph& graph, Test holds) {
  for (Uid a = 0; a < graph.nodes(); ++a) {
    for (const Uid b : graph.neighbors(a)) {
      if (a < b && !holds(a, b)) return false;
    }
  }
  return true;
}

bool adjacent(const Graph& graph, std::int64_t a, std::int64_t b) {
  return std::ranges::binary_search(graph.neighbors(static_cast<Uid>(a)), static_cast<Uid>(b));
}

/// Numbered row by row, open or closed.
bool is_row_major(const Graph& graph, std::int64_t rows, std::int64_t columns) {
  const bool closed_rows = columns > 2 && adjacent(graph, 0, columns - 1);
  const bool closed_columns = rows > 2 && adjacent(graph, 0, (rows - 1) * columns);
  const std::int64_t along_rows = rows * (columns - !closed_rows);
  const std::int64_t along_columns = columns * (rows - !closed_columns);
  if (graph.edges() != along_rows + along_columns) return false;
  return all_edges(graph, [&](Uid a, Uid b) {
    const std::int64_t down = b / columns - a / columns;
    const std::int64_t right = b % columns - a % columns;
    if (down == 0) return right == 1 || (closed_rows && right == columns - 1);
    return right == 0 && (down == 1 || (closed_columns && down == rows - 1));
  });
}

std::optional<Lattice> numbered_lattice(const Graph& graph) {
  for (const Uid columns : graph.neighbors(0)) {
    const std::int64_t rows = graph.nodes() / columns;
    if (columns < 2 || rows < 2 || rows * columns != graph.nodes()) continue;
    if (!is_row_major(graph, rows, columns)) continue;
    Lattice lattice{rows, columns, {}};
    for (Uid node = 0; node < graph.nodes(); ++node) lattice.cells.push_back(node);
    return lattice;
  }
  return {};
}

/// The open lattice of which `first` and `second` are the left and the right corner of a row: a
/// node's distances from them tell its row and its column.
std::optional<Lattice> lattice_between(const Graph& graph, Uid first, Uid second) {
  const auto from_first = distances_from(graph, first);
  const auto from_second = distances_from(graph, second);
  const std::int64_t columns = from_first[std::size_t(second)] + 1;
  const std::int64_t rows = graph.nodes() / columns;
  if (rows * columns != graph.nodes() ||
      graph.edges() != rows * (columns - 1) + columns * (rows - 1)) {
    return {};
  }
  Lattice lattice{rows, columns, {}};
  std::vector<bool> taken(std::size_t(graph.nodes()));
  for (std::size_t node = 0; node < taken.size(); ++node) {
    const std::int64_t twice_column = from_first[node] - from_second[node] + columns - 1;
    const std::int64_t column = twice_column / 2;
    const std::int64_t row = from_first[node] - column;
    if (twice_column % 2 != 0 || column < 0 || column >= columns || row < 0 || row >= rows) {
      return {};
    }
    const std::int64_t cell = row * columns + column;
    if (taken[std::size_t(cell)]) return {};
    taken[std::size_t(cell)] = true;
    lattice.cells.push_back(static_cast<Uid>(cell));
  }
  const bool fits = all_edges(graph, [&](Uid a, Uid b) {
    const Uid p = lattice.cells[std::size_t(a)];
    const Uid q = lattice.cells[std::size_t(b)];
    return std::abs(p / columns - q / columns) + std::abs(p % columns - q % columns) == 1;
  });
  return fits ? std::optional(std::move(lattice)) : std::nullopt;
}

}  // namespace

std::vector<std::int32_t> distances_from(const Graph& graph, Uid start) {
  std::vector<std::int32_t> distances(std::size_t(graph.nodes()), -1);
  std::vector<Uid> order{start};
  distances[std::size_t(start)] = 0;
  for (std::size_t head = 0; head < order.size(); ++head) {
    for (const Uid next : graph.neighbors(order[head])) {
      if (distances[std::size_t(next)] >= 0) continue;
      distances[std::size_t(next)] = distances[std::size_t(order[head])] + 1;
      order.push_back(next);
    }
  }
  return distances;
}

bool is_tree(const Graph& graph) { return graph.edges() == graph.nodes() - 1 && graph.connected(); }

bool is_circulant(const Graph& graph) {
  const std::int64_t n = graph.nodes();
  std::vector<bool> is_offset(std::size_t(n), false);
  for (const Uid offset : graph.neighbors(0)) is_offset[std::size_t(offset)] = true;
  for (Uid node = 0; node < n; ++node) {
    if (graph.degree(node) != graph.degree(0)) return false;
    for (const Uid other : graph.neighbors(node)) {
      if (!is_offset[std::size_t((other - node + n) % n)]) return false;
    }
  }
  return graph.degree(0) > 0;
}

bool is_near_ring(const Graph& graph) {
  const std::int64_t n = graph.nodes();
  const std::int64_t reach = (graph.edges() + n - 1) / n;  // half the mean degree
  std::int64_t near = 0;
  all_edges(graph, [&](Uid a, Uid b) {
    near += std::min<std::int64_t>(b - a, n - (b - a)) <= reach;
    return true;
  });
  const double by_chance = std::min(1.0, 2.0 * double(reach) / double(n - 1));
  return double(near) > (0.5 + 0.5 * by_chance) * double(graph.edges());
}

std::optional<Lattice> find_lattice(const Graph& graph) {
  if (auto lattice = numbered_lattice(graph)) return lattice;
  std::vector<Uid> corners;
  for (Uid node = 0; node < graph.nodes(); ++node) {
    const std::int64_t degree = graph.degree(node);
    if (degree < 2 || degree > 4) return {};
    if (degree == 2) corners.push_back(node);
  }
  if (corners.size() != 4) return {};
  for (std::size_t k = 1; k < corners.size(); ++k) {
    if (auto lattice = lattice_between(graph, corners[0], corners[k])) return lattice;
  }
  return {};
}

std::optional<std::vector<Uid>> find_hypercube(const Graph& graph) {
  const std::int64_t n = graph.nodes();
  const int dimensions = std::countr_zero(static_cast<std::uint64_t>(n));
  if (n != std::int64_t{1} << dimensions || graph.edges() != n / 2 * dimensions) return {};
  if (graph.degree(0) != dimensions) return {};
  const auto distances = distances_from(graph, 0);
  std::vector<Uid> order(std::size_t(n), 0);
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, [&](Uid node) { return distances[std::size_t(node)]; });

  // The neighbors of node 0 are the digits; whoever is farther has the digits of those before it.
  std::vector<Uid> labels(std::size_t(n), 0);
  for (int digit = 0; digit < dimensions; ++digit) {
    labels[std::size_t(graph.neighbors(0)[std::size_t(digit)])] = Uid{1} << digit;
  }
  std::vector<bool> taken(std::size_t(n), false);
  for (const Uid node : order) {
    Uid& label = labels[std::size_t(node)];
    for (const Uid before : graph.neighbors(node)) {
      if (distances[std::size_t(before)] < distances[std::size_t(node)]) {
        label |= labels[std::size_t(before)];
      }
    }
    if (distances[std::size_t(node)] < 0 || taken[std::size_t(label)]) return {};
    taken[std::size_t(label)] = true;
  }
  const bool fits = all_edges(graph, [&](Uid a, Uid b) {
    const Uid differing = labels[std::size_t(a)] ^ labels[std::size_t(b)];
    return std::has_single_bit(static_cast<std::uint32_t>(differing));
  });
  return fits ? std::optional(std::move(labels)) : std::nullopt;
}

std::optional<std::vector<bool>> find_sides(const Graph& graph) {
  const auto distances = distances_from(graph, 0);
  if (std::ranges::find(distances, -1) != distances.end()) return {};
  std::vector<bool> sides;
  for (const std::int32_t distance : distances) sides.push_back(distance % 2 == 1);
  const bool fits = all_edges(
      graph, [&](Uid a, Uid b) { return sides[std::size_t(a)] != sides[std::size_t(b)]; });
  return fits ? std::optional(std::move(sides)) : std::nullopt;
}

}  // namespace kith
