#pragma once

#include <vector>

#include "graph/graph.h"

namespace kith {

using Matchings = std::vector<std::vector<Edge>>;

/// How often MATCHA uses each matching, and with which weight.
struct MatchaDesign {
  std::vector<double> probabilities;  ///< p_j
  double step_size = 0;               ///< α
};

/// The design for a connected graph of `nodes` ≥ 2 nodes cut into matchings with Laplacians L_j:
///   - p, within 0 ≤ p ≤ 1 and Σ p ≤ budget · M, makes λ₂(Σ p_j L_j) as large as it can be, within
///     0.1 % where 300 steps reach it;
///   - α makes the contraction as small as it can be with that p.
MatchaDesign design_matcha(std::int64_t nodes, const Matchings& matchings, double budget);

/// λ₂(Σ p_j L_j), the algebraic connectivity of the expected graph.
double connectivity(std::int64_t nodes, const Matchings& matchings,
                    const std::vector<double>& probabilities);

/// ‖E[WᵀW] − J‖ with W = I − α Σ B_j L_j, B_j = 1 with probability p_j: how much a round shrinks
/// E Σ_i ‖x_i − x̄‖², at worst.
double contraction(std::int64_t nodes, const Matchings& matchings, const MatchaDesign& design);

}  // namespace kith
