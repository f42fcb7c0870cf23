#pragma once

#include <cstdint>
#include <optional>

#include "core/fields.h"
#include "graph/graph.h"

namespace kith {

/// The sides of a rectangle of nodes, as the config of a grid or a torus gives them.
struct LatticeParams {
  std::optional<std::int64_t> rows;
  std::optional<std::int64_t> columns;

  void fields(Fields& f);
};

/// Node i stands in row i / columns, and talks to the nodes before and after it in its row and its
/// column; where `wraps`, the last of them also to the first. A side that is not given follows from
/// the other; without both, the rectangle is as square as the number of nodes allows. Throws
/// ConfigError where the sides do not make `nodes`.
Graph lattice(LatticeParams params, std::int64_t nodes, bool wraps);

}  // namespace kith
