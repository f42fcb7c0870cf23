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

/// The same, of nodes that only mix, from different starts.
inline std::string mixing_config(const std::string& node, std::int64_t nodes, std::int64_t rounds,
                                 const std::string& graph = R"("ring")", int size = 20) {
  return JsonObject()
      .add("nodes", nodes)
      .add("rounds", rounds)
      .raw("graph", graph)
      .raw("model", JsonObject().add("type", "vector").add("size", size).add("init", "per_node").str())
      .raw("training", R"({"type": "sgd", "local_steps": 0})")
      .raw("node", node)
      .raw("evaluation", R"({"every": 1, "record": ["parameters"]})")
      .str();
}

/// ‖∇f‖∞ of the mean objective at x.
inline double slope(const QuadraticProblem& problem, const std::vector<double>& x) {
  std::vector<double> gradient(problem.d);
  for (std::size_t i = 0; i < problem.n; ++i) {
    const std::vector<double> g = problem.gradient(i, x);
    for (std::size_t k = 0; k < problem.d; ++k) gradient[k] += g[k] / double(problem.n);
  }
  double largest = 0;
  for (const double g : gradient) largest = std::max(largest, std::abs(g));
  return largest;
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
