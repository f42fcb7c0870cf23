#pragma once

#include "support/quadratic_run.h"

namespace kith {

/// A config that runs `node` on the quadratics in `data`, with the parameters of every round, or of
/// every so many. `more` is a list of further sections: R"("sharing": "choco")".
inline std::string node_config(const std::string& node, const std::string& graph, std::size_t nodes,
                               int rounds, const std::filesystem::path& data,
                               const std::string& training, const std::string& more = "",
                               int every = 1) {
  std::string config = JsonObject()
                           .add("nodes", std::int64_t(nodes))
                           .add("rounds", rounds)
                           .raw("node", node)
                           .raw("graph", graph)
                           .raw("dataset", JsonObject()
                                               .add("type", "quadratics")
                                               .add("path", data.string())
                                               .str())
                           .add("model", "vector")
                           .raw("training", training)
                           .raw("evaluation", JsonObject()
                                                  .add("every", every)
                                                  .raw("record", R"(["parameters"])")
                                                  .str())
                           .str();
  if (!more.empty()) config.insert(config.size() - 1, ", " + more);
  return config;
}

/// W of a round, as the graph of a config has it.
inline Matrix mixing_matrix(const std::string& graph, std::size_t nodes, Round round = 0) {
  const auto chosen = Schedule::registry().read(Config::parse(graph, "test"));
  const auto schedule = chosen.make({std::int64_t(nodes), 1, &chosen.common()});
  Matrix w(nodes, std::vector<double>(nodes));
  for (std::size_t i = 0; i < nodes; ++i) {
    const Neighborhood row = schedule->neighborhood(Uid(i), round);
    w[i][i] = row.self_weight;
    for (const auto& sender : row.senders) w[i][std::size_t(sender.uid)] = sender.weight;
  }
  return w;
}

}  // namespace kith
