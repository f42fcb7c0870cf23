#pragma once

#include <cstdint>

#include "core/registry.h"
#include "graph/mixing_matrix.h"

namespace kith {

/// A rule that turns a graph into a mixing matrix W. Stateless, so thread-safe. A rule for
/// undirected graphs throws ConfigError when it gets a directed one.
class Weights {
 public:
  using Common = NoCommon;

  static Registry<Weights>& registry();

  virtual ~Weights() = default;

  /// W on `graph`. Every row sums to one; under column_stochastic every column instead.
  virtual MixingMatrix on(Graph graph) const = 0;

  /// W[i,j], the same for all i ≠ j, on the complete graph of `nodes` nodes: its n² entries are
  /// never stored.
  virtual double on_complete_graph(std::int64_t nodes) const = 0;
};

/// Throws ConfigError, naming an edge without its reverse, if `graph` is directed. `rule` is the
/// name of the weights that cannot go on it.
void require_undirected(const Graph& graph, const std::string& rule);

}  // namespace kith
