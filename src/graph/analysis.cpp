#include "graph/analysis.h"

#include <algorithm>
#include <cmath>

#include "graph/shape.h"

namespace kith {
namespace {

bool is_one(double sum) { return std::abs(sum - 1) < 1e-9; }

void describe_degrees(const Graph& graph, GraphInfo& info) {
  info.degree_histogram = degree_histogram(graph);
  info.degree_min = info.degree_histogram.begin()->first;
  info.degree_max = info.degree_histogram.rbegin()->first;
  info.degree_mean =
      double(graph.row_begin(static_cast<Uid>(graph.nodes()))) / double(graph.nodes());
}

void describe_diameter(const Graph& graph, GraphInfo& info) {
  const auto [lower, upper] = diameter(graph);
  info.diameter_lower = lower;
  info.diameter_upper = upper;
  if (lower == upper) info.diameter = lower;
}

/// The periods of gossip that shrink disagreement to a thousandth, in rounds.
std::optional<Round> rounds_to_consensus(const GraphInfo& info, const PeriodOfGossip& period) {
  if (period.enough) return period.enough;
  std::optional<double> shrinkage = period.disagreement;
  if (info.period == 1 && info.spectrum.spectral_gap) shrinkage = 1 - *info.spectrum.spectral_gap;
  if (!shrinkage || *shrinkage >= 1 - 1e-12) return {};
  if (*shrinkage <= kConsensus) return info.period;
  return info.period * Round(std::ceil(std::log(kConsensus) / std::log(*shrinkage)));
}

}  // namespace

bool is_row_stochastic(const MixingMatrix& w) {
  for (Uid i = 0; i < w.graph.nodes(); ++i) {
    double sum = w.self_weights[std::size_t(i)];
    for (const double weight : w.row(i)) sum += weight;
    if (!is_one(sum)) return false;
  }
  return true;
}

bool is_column_stochastic(const MixingMatrix& w) {
  std::vector<double> sums = w.self_weights;
  for (Uid i = 0; i < w.graph.nodes(); ++i) {
    const auto senders = w.graph.senders(i);
    for (std::size_t k = 0; k < senders.size(); ++k) sums[std::size_t(senders[k])] += w.row(i)[k];
  }
  return std::ranges::all_of(sums, is_one);
}

MixingMatrix matrix_of(const Schedule& schedule, Round round) {
  std::vector<Weight> entries;
  for (Uid i = 0; i < schedule.nodes(); ++i) {
    const Neighborhood row = schedule.neighborhood(i, round);
    entries.push_back({i, i, row.self_weight});
    for (const auto& [j, weight] : row.senders) entries.push_back({i, j, weight});
  }
  return mixing_matrix(schedule.nodes(), entries);
}

GraphInfo inspect(const Graph& graph) {
  GraphInfo info{.nodes = graph.nodes(),
                 .edges = graph.edges(),
                 .period = 1,
                 .directed = graph.is_directed(),
                 .has_weights = false};
  describe_degrees(graph, info);
  info.components = count_components(graph);
  info.connected = info.components == 1;
  if (info.connected) describe_diameter(graph, info);
  info.clustering = clustering(graph);
  return info;
}

GraphInfo inspect(const Schedule& schedule, Round round) {
  const MixingMatrix w = matrix_of(schedule, round);
  GraphInfo info = inspect(w.graph);
  info.period = schedule.period();
  info.has_weights = true;
  info.symmetric = is_symmetric(w);
  info.row_stochastic = is_row_stochastic(w);
  info.column_stochastic = is_column_stochastic(w);
  info.doubly_stochastic = info.row_stochastic && info.column_stochastic;
  info.spectrum = spectrum(w);
  const PeriodOfGossip period = period_of_gossip(schedule);
  info.product_distance = period.distance;
  info.rounds_to_consensus = rounds_to_consensus(info, period);
  return info;
}

}  // namespace kith
