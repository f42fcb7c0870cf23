#pragma once

#include <optional>
#include <string>

namespace kith {

/// What a protocol or a sharing method needs of a run besides its own options. A config that breaks
/// one of them is refused before training, with the reason and what would work.
struct Needs {
  bool row_stochastic = false;     ///< W 1 = 1: nodes that agree go on agreeing
  bool column_stochastic = false;  ///< 1ᵀ W = 1ᵀ: mixing keeps the network's sum
  bool doubly_stochastic = false;  ///< both: mixing keeps the network's mean
  bool symmetric = false;          ///< W = Wᵀ
  bool two_way = false;            ///< whoever hears a node is heard by it
  bool static_graph = false;       ///< the same W in every round
  bool bipartite = false;          ///< a static graph of two halves that all edges go between
  bool tree = false;               ///< a static graph of n − 1 edges that connects all nodes
  std::optional<double> lambda_min_above = {};  ///< every eigenvalue of a symmetric W is above
  bool even = false;                            ///< an even number of nodes
  bool equal_start = false;                     ///< all nodes start from the same parameters
  bool one_step = false;                        ///< one local step a round
  bool plain_sgd = false;                       ///< an optimizer that remembers nothing: x − η g
  bool full_sharing = false;  ///< vectors that travel whole: the sharing method full
  bool labels = false;        ///< training data with labels
  bool mixing_rate = false;   ///< a known ρ = ‖W − J‖₂ < 1 of a static, symmetric W
  std::string because;        ///< "it keeps a sum over its neighbors"; "" where it is plain
};

}  // namespace kith
