#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "graph/schedule.h"

namespace kith {

/// What the mixing matrix W promises. J = 11ᵀ/n is exact averaging.
struct Spectrum {
  /// 1 − ρ with ρ = ‖W − J‖₂: how much a round of gossip shrinks disagreement. For a symmetric W,
  /// ρ = max(|λ_2|, |λ_n|). Absent where W is too large, or the iteration does not converge.
  std::optional<double> spectral_gap;
  /// The smallest eigenvalue; absent where W is not symmetric, or as above.
  std::optional<double> lambda_min;
};

/// Dense up to 1,500 nodes, exact to about 1e-14; iterations up to 100,000, exact to 1e-9 (for W
/// that is not symmetric: where ρ > 1e-6); absent beyond.
Spectrum spectrum(const MixingMatrix& w);

/// Whether W 1 = 1, to 1e-9.
bool is_row_stochastic(const MixingMatrix& w);

/// Whether 1ᵀ W = 1ᵀ, to 1e-9.
bool is_column_stochastic(const MixingMatrix& w);

/// Nodes agree when their disagreement is at most so much of what it was.
inline constexpr double kConsensus = 1e-3;

/// What the period p of a schedule does. Absent for static graphs, whose spectrum tells it, and for
/// schedules that never repeat.
struct PeriodOfGossip {
  /// ‖W_{p−1} ⋯ W_1 W_0 − J‖₂: how far a period of gossip is from exact averaging. To about 1e-15;
  /// where period and nodes are many to about 1e-13, or absent: above 100,000 nodes or 20 million
  /// weights, and where the iteration does not converge.
  std::optional<double> distance;
  /// ‖(I − J) W_{p−1} ⋯ W_1 W_0‖₂: what is left of a disagreement after a period. Less than the
  /// distance only where columns do not sum to one, so that nodes agree, but not on the mean.
  std::optional<double> disagreement;
  /// Rounds after which it is at most kConsensus, if that is within the period. Where period and
  /// nodes are many, only its end is looked at.
  std::optional<Round> enough;
};

PeriodOfGossip period_of_gossip(const Schedule& schedule);

/// What `kith graph info` and `kith check` tell about one round of a schedule.
struct GraphInfo {
  std::int64_t nodes = 0;
  std::int64_t edges = 0;  ///< one that goes both ways in an undirected graph counts once
  Round period = 0;        ///< 0 where the schedule never repeats
  bool directed = false;
  std::int64_t degree_min = 0;  ///< of how many nodes one hears
  double degree_mean = 0;
  std::int64_t degree_max = 0;
  std::map<std::int64_t, std::int64_t> degree_histogram;  ///< how many nodes hear so many
  std::optional<double> clustering;            ///< see shape.h; absent where directed, or too dense
  bool connected = false;                      ///< strongly, where directed
  std::int64_t components = 0;                 ///< strong ones, where directed
  std::optional<std::int64_t> diameter;        ///< absent where not connected, or not known exactly
  std::optional<std::int64_t> diameter_lower;  ///< absent where not connected
  std::optional<std::int64_t> diameter_upper;  ///< absent where not connected
  bool has_weights = true;                     ///< where not, nothing below is known
  bool symmetric = false;                      ///< W = Wᵀ, to 1e-12
  bool row_stochastic = false;                 ///< W 1 = 1, to 1e-9: keeps consensus
  bool column_stochastic = false;              ///< 1ᵀ W = 1ᵀ, to 1e-9: keeps the network's mean
  bool doubly_stochastic = false;
  Spectrum spectrum;
  std::optional<double> product_distance;  ///< of a period of gossip; only of schedules
  /// Rounds of gossip until disagreement is at most kConsensus: ⌈ln 1e-3 / ln ρ⌉, and of a schedule
  /// as within its period, or else p ⌈ln 1e-3 / ln δ⌉ with the disagreement δ that a period leaves.
  /// Absent where these are not known, or gossip does not converge.
  std::optional<Round> rounds_to_consensus;
};

/// The shape of a graph without weights.
GraphInfo inspect(const Graph& graph);

/// Looks at `round` of the schedule.
GraphInfo inspect(const Schedule& schedule, Round round = 0);

/// W of `round`, from the rows that the nodes will see.
MixingMatrix matrix_of(const Schedule& schedule, Round round);

}  // namespace kith
