#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "graph/graph.h"

namespace kith {

/// The mixing matrix W of a round: X ← W X. W[i,j] is what receiver i puts on sender j; it is zero
/// where i does not hear j.
struct MixingMatrix {
  Graph graph;
  std::vector<double> weights;       ///< W[i,j], j over graph.senders(i), row behind row
  std::vector<double> self_weights;  ///< W[i,i]

  /// W[i,j], j over graph.senders(i).
  std::span<const double> row(Uid i) const {
    return {weights.data() + graph.row_begin(i), graph.senders(i).size()};
  }
};

/// One number of a mixing matrix.
struct Weight {
  Uid receiver;
  Uid sender;
  double value;
};

/// The matrix with these entries, which ascend by receiver, then sender. A diagonal entry that is
/// not given is zero.
MixingMatrix mixing_matrix(std::int64_t nodes, std::span<const Weight> entries);

/// The first nodes i, j with W[i,j] ≠ W[j,i], to 1e-12, if there are any; i hears j.
std::optional<std::pair<Uid, Uid>> asymmetry(const MixingMatrix& w);

/// Whether W = Wᵀ, to 1e-12.
inline bool is_symmetric(const MixingMatrix& w) { return !asymmetry(w); }

/// The matrix on `graph` with W[i,j] = rule(i, j) and rows that sum to one:
/// W[i,i] = 1 − Σ_j W[i,j], the sum taken over ascending j.
template <class Rule>
MixingMatrix stochastic_matrix(Graph graph, Rule rule) {
  MixingMatrix w{std::move(graph), {}, {}};
  const auto nodes = static_cast<Uid>(w.graph.nodes());
  w.weights.reserve(w.graph.row_begin(nodes));
  w.self_weights.reserve(std::size_t(nodes));
  for (Uid i = 0; i < nodes; ++i) {
    double sum = 0;
    for (const Uid j : w.graph.senders(i)) sum += w.weights.emplace_back(rule(i, j));
    w.self_weights.push_back(1 - sum);
  }
  return w;
}

}  // namespace kith
