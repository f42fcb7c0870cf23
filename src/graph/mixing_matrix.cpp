#include "graph/mixing_matrix.h"

#include <algorithm>
#include <cmath>

namespace kith {

MixingMatrix mixing_matrix(std::int64_t nodes, std::span<const Weight> entries) {
  MixingMatrix w;
  w.self_weights.assign(std::size_t(nodes), 0);
  std::vector<Edge> edges;
  for (const auto& [receiver, sender, value] : entries) {
    if (receiver == sender) {
      w.self_weights[std::size_t(receiver)] = value;
    } else {
      edges.push_back({sender, receiver});
      w.weights.push_back(value);  // rows of ascending senders: the order of the graph
    }
  }
  w.graph = Graph::directed(nodes, edges);
  return w;
}

std::optional<std::pair<Uid, Uid>> asymmetry(const MixingMatrix& w) {
  for (Uid i = 0; i < w.graph.nodes(); ++i) {
    const auto senders = w.graph.senders(i);
    for (std::size_t k = 0; k < senders.size(); ++k) {
      const Uid j = senders[k];
      const auto back = std::ranges::equal_range(w.graph.senders(j), i);
      const double returned =
          back.empty() ? 0 : w.row(j)[std::size_t(back.begin() - w.graph.senders(j).begin())];
      if (std::abs(w.row(i)[k] - returned) > 1e-12) return std::pair(i, j);
    }
  }
  return {};
}

}  // namespace kith
