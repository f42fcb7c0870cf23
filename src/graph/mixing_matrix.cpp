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

bool is_symmetric(const MixingMatrix& w) {
  if (w.graph.is_directed()) return false;
  for (Uid i = 0; i < w.graph.nodes(); ++i) {
    const auto senders = w.graph.senders(i);
    for (std::size_t k = 0; k < senders.size(); ++k) {
      const auto back = w.graph.senders(senders[k]);
      const auto at = std::ranges::lower_bound(back, i) - back.begin();
      if (std::abs(w.row(i)[k] - w.row(senders[k])[std::size_t(at)]) > 1e-12) return false;
    }
  }
  return true;
}

}  // namespace kith
