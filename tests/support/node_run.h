#pragma once

#include <string>

#include "support/quadratic_run.h"

namespace kith {

/// A config of `nodes` nodes on the quadratics of `data`, with a node and what else is given.
inline std::string node_config(const std::string& node, const std::filesystem::path& data,
                               std::int64_t nodes, std::int64_t rounds,
                               const std::string& graph = R"("ring")",
                               const std::string& training = R"({"type": "sgd", "lr": 0.05})") {
  return JsonObject()
      .add("nodes", nodes)
      .add("rounds", rounds)
      .raw("graph", graph)
      .raw("dataset", JsonObject().add("type", "quadratics").add("path", data.string()).str())
      .add("model", "vector")
      .raw("training", training)
      .raw("node", node)
      .raw("evaluation", R"({"every": 1, "record": ["parameters"]})")
      .str();
}

/// Σ_i x_i / n.
inline std::vector<double> mean_of(const Matrix& x) {
  std::vector<double> mean(x[0].size());
  for (const auto& row : x) {
    for (std::size_t k = 0; k < row.size(); ++k) mean[k] += row[k] / double(x.size());
  }
  return mean;
}

}  // namespace kith
