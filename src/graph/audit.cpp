#include "graph/audit.h"

#include <algorithm>
#include <cmath>

#include "graph/analysis.h"

namespace kith {
namespace {

/// Calls `look(round)`, which says how many weights it saw, for each round in turn.
template <class Look>
void for_each_round(const Schedule& schedule, Look look) {
  constexpr std::size_t kMostWeights = 4'000'000;  // they take about a second
  constexpr Round kMostRounds = 1'000;             // of a schedule that never repeats
  const Round rounds = schedule.period() == 0 ? kMostRounds : schedule.period();
  std::size_t seen = 0;
  for (Round round = 0; round < rounds && seen < kMostWeights; ++round) seen += look(round);
}

std::optional<WrongSum> wrong_sum(Round round, const std::vector<double>& sums) {
  const auto wrong =
      std::ranges::find_if_not(sums, [](double sum) { return std::abs(sum - 1) < 1e-9; });
  if (wrong == sums.end()) return {};
  return WrongSum{round, static_cast<Uid>(wrong - sums.begin()), *wrong};
}

}  // namespace

Audit audit_weights(const Schedule& schedule) {
  Audit audit;
  const auto nodes = std::size_t(schedule.nodes());
  std::vector<double> rows(nodes), columns(nodes);
  for_each_round(schedule, [&](Round round) {
    std::size_t seen = nodes;
    std::ranges::fill(columns, 0);
    for (std::size_t i = 0; i < nodes; ++i) {
      const Neighborhood at = schedule.neighborhood(static_cast<Uid>(i), round);
      rows[i] = at.self_weight;
      columns[i] += at.self_weight;
      for (const auto& [sender, weight] : at.senders) {
        rows[i] += weight;
        columns[std::size_t(sender)] += weight;
      }
      seen += at.senders.size();
    }
    if (!audit.row) audit.row = wrong_sum(round, rows);
    if (!audit.column) audit.column = wrong_sum(round, columns);
    return seen;
  });
  return audit;
}

std::optional<Asymmetry> asymmetry(const Schedule& schedule) {
  std::optional<Asymmetry> found;
  for_each_round(schedule, [&](Round round) {
    const MixingMatrix w = matrix_of(schedule, round);
    if (!found) {
      if (const auto pair = asymmetry(w)) found = Asymmetry{round, pair->first, pair->second};
    }
    return w.weights.size() + w.self_weights.size();
  });
  return found;
}

std::optional<Asymmetry> one_way_edge(const Schedule& schedule) {
  std::optional<Asymmetry> found;
  for_each_round(schedule, [&](Round round) {
    std::size_t work = 0;
    for (Uid node = 0; node < schedule.nodes() && !found; ++node) {
      const Neighborhood own = schedule.neighborhood(node, round);
      work += 1 + own.senders.size();
      for (const auto& [other, weight] : own.senders) {
        if (!std::ranges::binary_search(own.receivers, other))
          found = Asymmetry{round, node, other};
      }
    }
    return work;
  });
  return found;
}

}  // namespace kith
