#include "experiment/needs.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/error.h"

namespace kith {
namespace {

[[noreturn]] void refuse(const std::string& place, const std::string& sharing,
                         const std::string& need, const std::string& reason,
                         const std::string& found) {
  throw ConfigError(place + ": sharing " + sharing + " needs " + need + ", because " + reason +
                    "; " + found);
}

/// The first node whose row or column of W does not sum to 1 in `round`, or -1.
Uid first_unbalanced(const Schedule& schedule, Round round) {
  constexpr double kRounding = 1e-9;
  const auto nodes = static_cast<std::size_t>(schedule.nodes());
  std::vector<double> rows(nodes), columns(nodes);
  for (std::size_t i = 0; i < nodes; ++i) {
    const Neighborhood row = schedule.neighborhood(static_cast<Uid>(i), round);
    rows[i] += row.self_weight;
    columns[i] += row.self_weight;
    for (const auto& sender : row.senders) {
      rows[i] += sender.weight;
      columns[static_cast<std::size_t>(sender.uid)] += sender.weight;
    }
  }
  for (std::size_t i = 0; i < nodes; ++i) {
    const bool balanced = std::abs(rows[i] - 1) < kRounding && std::abs(columns[i] - 1) < kRounding;
    if (!balanced) return static_cast<Uid>(i);
  }
  return -1;
}

/// The first node that does not start where node 0 does, or -1.
Uid first_apart(const InitialParameters& initial, std::int64_t nodes, std::size_t parameters) {
  Array first(parameters), other(parameters);
  initial.fill(0, first.view());
  for (Uid uid = 1; uid < nodes; ++uid) {
    initial.fill(uid, other.view());
    if (!std::ranges::equal(first.view(), other.view())) return uid;
  }
  return -1;
}

}  // namespace

void check_needs(const Sharing::Needs& needs, const std::string& sharing, const Schedule& schedule,
                 const InitialParameters& initial, std::size_t parameters) {
  if (!needs.static_graph.empty() && schedule.period() != 1) {
    refuse("/graph", sharing, "a static graph", needs.static_graph,
           "this one changes from round to round");
  }
  if (!needs.doubly_stochastic.empty()) {
    constexpr Round kSomeRounds = 32;
    const Round period = schedule.period();
    const Round rounds = period == 0 ? kSomeRounds : std::min(period, kSomeRounds);
    for (Round round = 0; round < rounds; ++round) {
      const Uid uid = first_unbalanced(schedule, round);
      if (uid < 0) continue;
      refuse("/graph/weights", sharing, "weights whose rows and columns sum to 1",
             needs.doubly_stochastic,
             "those of node " + std::to_string(uid) + " do not; metropolis_hastings has such");
    }
  }
  if (!needs.equal_start.empty()) {
    const Uid uid = first_apart(initial, schedule.nodes(), parameters);
    if (uid < 0) return;
    refuse("/model/init", sharing, "nodes that start equal", needs.equal_start,
           "node " + std::to_string(uid) + " does not start where node 0 does");
  }
}

}  // namespace kith
