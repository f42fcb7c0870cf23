#include "graph/analysis.h"

#include <algorithm>
#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <boost/graph/strong_components.hpp>
#include <cmath>

namespace kith {
namespace {

constexpr std::int64_t kMostNodesForDiameter = 10'000;

/// Strong components; in an undirected graph, whose edges go both ways, simply the components.
std::int64_t count_components(const Graph& graph) {
  using Directed = boost::compressed_sparse_row_graph<boost::directedS>;
  std::vector<std::pair<Uid, Uid>> edges;
  for (Uid node = 0; node < graph.nodes(); ++node) {
    for (const Uid receiver : graph.receivers(node)) edges.emplace_back(node, receiver);
  }
  const Directed copy(boost::edges_are_sorted, edges.begin(), edges.end(),
                      std::size_t(graph.nodes()));
  std::vector<std::size_t> component(std::size_t(graph.nodes()));
  const auto index = boost::get(boost::vertex_index, copy);
  return std::int64_t(
      boost::strong_components(copy, boost::make_iterator_property_map(component.begin(), index)));
}

/// The distance of the farthest node that `start` reaches; the search ends when all are reached.
std::int64_t eccentricity(const Graph& graph, Uid start, std::vector<std::int32_t>& distances) {
  std::ranges::fill(distances, -1);
  std::vector<Uid> queue{start};
  queue.reserve(distances.size());
  distances[std::size_t(start)] = 0;
  for (std::size_t head = 0; head < queue.size() && queue.size() < distances.size(); ++head) {
    const std::int32_t distance = distances[std::size_t(queue[head])] + 1;
    for (const Uid next : graph.receivers(queue[head])) {
      if (distances[std::size_t(next)] >= 0) continue;
      distances[std::size_t(next)] = distance;
      queue.push_back(next);
    }
  }
  return distances[std::size_t(queue.back())];
}

std::int64_t diameter(const Graph& graph) {
  std::int64_t farthest = 0;
  std::vector<std::int32_t> distances(std::size_t(graph.nodes()));
  for (Uid node = 0; node < graph.nodes(); ++node) {
    farthest = std::max(farthest, eccentricity(graph, node, distances));
  }
  return farthest;
}

bool is_one(double sum) { return std::abs(sum - 1) < 1e-9; }

void describe_degrees(const Graph& graph, GraphInfo& info) {
  info.degree_min = info.degree_max = graph.degree(0);
  for (Uid node = 0; node < graph.nodes(); ++node) {
    info.degree_min = std::min(info.degree_min, graph.degree(node));
    info.degree_max = std::max(info.degree_max, graph.degree(node));
  }
  info.degree_mean =
      double(graph.row_begin(static_cast<Uid>(graph.nodes()))) / double(graph.nodes());
}

void describe_sums(const MixingMatrix& w, GraphInfo& info) {
  std::vector<double> rows = w.self_weights;
  std::vector<double> columns = w.self_weights;
  for (Uid i = 0; i < w.graph.nodes(); ++i) {
    const auto senders = w.graph.senders(i);
    for (std::size_t k = 0; k < senders.size(); ++k) {
      rows[std::size_t(i)] += w.row(i)[k];
      columns[std::size_t(senders[k])] += w.row(i)[k];
    }
  }
  info.row_stochastic = std::ranges::all_of(rows, is_one);
  info.column_stochastic = std::ranges::all_of(columns, is_one);
  info.doubly_stochastic = info.row_stochastic && info.column_stochastic;
}

}  // namespace

MixingMatrix matrix_of(const Schedule& schedule, Round round) {
  std::vector<Weight> entries;
  for (Uid i = 0; i < schedule.nodes(); ++i) {
    const Neighborhood row = schedule.neighborhood(i, round);
    entries.push_back({i, i, row.self_weight});
    for (const auto& [j, weight] : row.senders) entries.push_back({i, j, weight});
  }
  return mixing_matrix(schedule.nodes(), entries);
}

GraphInfo inspect(const Schedule& schedule, Round round) {
  const MixingMatrix w = matrix_of(schedule, round);
  GraphInfo info{.nodes = w.graph.nodes(),
                 .edges = w.graph.edges(),
                 .period = schedule.period(),
                 .directed = w.graph.is_directed()};
  describe_degrees(w.graph, info);
  info.components = count_components(w.graph);
  info.connected = info.components == 1;
  if (info.connected && info.nodes <= kMostNodesForDiameter) info.diameter = diameter(w.graph);
  info.symmetric = is_symmetric(w);
  describe_sums(w, info);
  info.spectrum = spectrum(w);
  return info;
}

}  // namespace kith
