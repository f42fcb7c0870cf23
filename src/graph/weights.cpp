#include "graph/weights.h"

#include <algorithm>

#include "core/error.h"

namespace kith {

Registry<Weights>& Weights::registry() {
  static Registry<Weights> registry("weights");
  return registry;
}

void require_undirected(const Graph& graph, const std::string& rule) {
  if (!graph.is_directed()) return;
  for (Uid node = 0; node < graph.nodes(); ++node) {
    for (const Uid receiver : graph.receivers(node)) {
      if (std::ranges::binary_search(graph.receivers(receiver), node)) continue;
      throw ConfigError("/graph/weights: " + rule + " needs an undirected graph, but node " +
                        std::to_string(node) + " sends to node " + std::to_string(receiver) +
                        ", which does not send back; use neighborhood_mean or "
                        "column_stochastic, or a JSON file with its own weights");
    }
  }
}

}  // namespace kith
