#include "graph/graph.h"

#include <algorithm>
#include <cassert>

namespace kith {

Graph Graph::undirected(std::int64_t nodes, std::span<const Edge> edges) {
  Graph graph;
  graph.receivers_ = rows(nodes, edges, Direction::kBoth);
  return graph;
}

Graph Graph::directed(std::int64_t nodes, std::span<const Edge> edges) {
  Graph graph;
  graph.receivers_ = rows(nodes, edges, Direction::kForward);
  graph.senders_ = rows(nodes, edges, Direction::kBackward);
  graph.directed_ = graph.receivers_.begins != graph.senders_.begins ||
                    graph.receivers_.uids != graph.senders_.uids;
  if (!graph.directed_) graph.senders_ = {};
  return graph;
}

/// A counting sort by the row's node, then each row by itself.
Graph::Rows Graph::rows(std::int64_t nodes, std::span<const Edge> edges, Direction direction) {
  const auto for_each_entry = [&](auto&& visit) {
    for (const auto [from, to] : edges) {
      assert(from != to && from >= 0 && to >= 0 && from < nodes && to < nodes);
      if (direction != Direction::kBackward) visit(std::size_t(from), to);
      if (direction != Direction::kForward) visit(std::size_t(to), from);
    }
  };
  Rows rows;
  rows.begins.assign(std::size_t(nodes) + 1, 0);
  for_each_entry([&](std::size_t node, Uid) { ++rows.begins[node + 1]; });
  for (std::size_t node = 0; node < std::size_t(nodes); ++node) {
    rows.begins[node + 1] += rows.begins[node];
  }
  rows.uids.resize(rows.begins.back());
  // Filling moves each begin to the row's end, which is where the next row begins.
  for_each_entry([&](std::size_t node, Uid uid) { rows.uids[rows.begins[node]++] = uid; });
  std::shift_right(rows.begins.begin(), rows.begins.end(), 1);
  rows.begins.front() = 0;
  sort_rows(rows);
  return rows;
}

/// Puts each row in ascending order, each uid once, and closes the gaps.
void Graph::sort_rows(Rows& rows) {
  const auto at = [&](std::size_t i) { return rows.uids.begin() + std::ptrdiff_t(i); };
  std::size_t end = 0;
  for (std::size_t node = 0; node + 1 < rows.begins.size(); ++node) {
    const auto first = at(rows.begins[node]);
    const auto last = at(rows.begins[node + 1]);
    std::sort(first, last);
    rows.begins[node] = end;
    end = std::size_t(std::unique_copy(first, last, at(end)) - rows.uids.begin());
  }
  rows.begins.back() = end;
  rows.uids.resize(end);
}

bool Graph::Rows::all_reachable_from_first() const {
  const std::size_t nodes = begins.size() - 1;
  if (nodes == 0) return true;
  std::vector<bool> reached(nodes);
  std::vector<Uid> frontier{0};
  reached[0] = true;
  std::size_t count = 1;
  while (!frontier.empty()) {
    const Uid node = frontier.back();
    frontier.pop_back();
    for (const Uid next : row(node)) {
      if (reached[std::size_t(next)]) continue;
      reached[std::size_t(next)] = true;
      frontier.push_back(next);
      ++count;
    }
  }
  return count == nodes;
}

bool Graph::connected() const {
  // Strongly connected: the first node reaches all, and all reach it.
  return receivers_.all_reachable_from_first() &&
         (!directed_ || senders_.all_reachable_from_first());
}

}  // namespace kith
