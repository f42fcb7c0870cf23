#include "graph/lattice.h"

#include <cmath>

namespace kith {
namespace {

struct Sides {
  std::int64_t rows;
  std::int64_t columns;
};

Sides most_square(std::int64_t nodes) {
  auto rows = std::int64_t(std::sqrt(double(nodes))) + 1;
  while (rows * rows > nodes || nodes % rows != 0) --rows;
  return {rows, nodes / rows};
}

std::string text(Sides sides) {
  return count_of(std::uint64_t(sides.rows), "row") + " of " + std::to_string(sides.columns);
}

/// The multiple of `side` that is nearest to `nodes`.
std::int64_t nearest(std::int64_t side, std::int64_t nodes) {
  return std::max<std::int64_t>(1, (nodes + side / 2) / side) * side;
}

[[noreturn]] void refuse(const std::string& place, const std::string& given, std::int64_t nodes,
                         std::int64_t possible) {
  throw ConfigError("/graph" + place + ": " + given + " cannot make " +
                    count_of(std::uint64_t(nodes), "node") + "; take " + text(most_square(nodes)) +
                    ", or " + count_of(std::uint64_t(possible), "node"));
}

Sides sides(const LatticeParams& params, std::int64_t nodes) {
  const auto& [rows, columns] = params;
  if (rows && columns) {
    if (*rows > nodes || *columns > nodes || *rows * *columns != nodes) {
      refuse("", text({*rows, *columns}), nodes, *rows * *columns);
    }
    return {*rows, *columns};
  }
  if (rows) {
    if (nodes % *rows != 0) {
      refuse("/rows", count_of(std::uint64_t(*rows), "row"), nodes, nearest(*rows, nodes));
    }
    return {*rows, nodes / *rows};
  }
  if (columns) {
    if (nodes % *columns != 0) {
      refuse("/columns", count_of(std::uint64_t(*columns), "column"), nodes,
             nearest(*columns, nodes));
    }
    return {nodes / *columns, *columns};
  }
  return most_square(nodes);
}

}  // namespace

void LatticeParams::fields(Fields& f) {
  const Range range{.at_least = 1, .at_most = std::numeric_limits<std::int32_t>::max()};
  f.optional("rows", rows, "a, rows of nodes; by default as square as the number of nodes allows",
             range);
  f.optional("columns", columns, "b, nodes in a row", range);
}

Graph lattice(LatticeParams params, std::int64_t nodes, bool wraps) {
  const auto [rows, columns] = sides(params, nodes);
  std::vector<Edge> edges;
  edges.reserve(std::size_t(2 * nodes));
  // To the next at `place` of a side; a side of two has one edge, a side of one has none.
  const auto join = [&](Uid node, std::int64_t place, std::int64_t side, std::int64_t step) {
    if (place + 1 < side) {
      edges.push_back({node, static_cast<Uid>(node + step)});
    } else if (wraps && side > 2) {
      edges.push_back({node, static_cast<Uid>(node - (side - 1) * step)});
    }
  };
  for (Uid node = 0; node < nodes; ++node) {
    join(node, node % columns, columns, 1);
    join(node, node / columns, rows, columns);
  }
  return Graph::undirected(nodes, edges);
}

}  // namespace kith
