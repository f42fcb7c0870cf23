#pragma once

#include <string>

#include "support/quadratic_run.h"

namespace kith {

/// A config that runs `node` on the quadratics in `data`, with the parameters of every round, or of
/// every so many. `more` is a list of further sections: R"("sharing": "choco")".
inline std::string node_config(const std::string& node, const std::string& graph, std::size_t nodes,
                               int rounds, const std::filesystem::path& data,
                               const std::string& training, const std::string& more = "",
                               int every = 1) {
  std::string config =
      JsonObject()
          .add("nodes", std::int64_t(nodes))
          .add("rounds", rounds)
          .raw("node", node)
          .raw("graph", graph)
          .raw("dataset", JsonObject().add("type", "quadratics").add("path", data.string()).str())
          .add("model", "vector")
          .raw("training", training)
          .raw("evaluation",
               JsonObject().add("every", every).raw("record", R"(["parameters"])").str())
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

/// A config of `nodes` nodes on the quadratics of `data`, with a node and what else is given.
inline std::string quadratic_config(
    const std::string& node, const std::filesystem::path& data, std::int64_t nodes,
    std::int64_t rounds, const std::string& graph = R"("ring")",
    const std::string& training = R"({"type": "sgd", "lr": 0.05})") {
  return node_config(node, graph, std::size_t(nodes), int(rounds), data, training);
}

/// The same, of nodes that only mix, from different starts.
inline std::string mixing_config(const std::string& node, std::int64_t nodes, std::int64_t rounds,
                                 const std::string& graph = R"("ring")", int size = 20) {
  return JsonObject()
      .add("nodes", nodes)
      .add("rounds", rounds)
      .raw("graph", graph)
      .raw("model",
           JsonObject().add("type", "vector").add("size", size).add("init", "per_node").str())
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
