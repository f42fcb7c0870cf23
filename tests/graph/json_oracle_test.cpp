#include <bit>
#include <nlohmann/json.hpp>

#include "graph/graph_testing.h"

namespace kith {
namespace {

using nlohmann::json;

/// a × b nodes, each joined to the next in its row and column; around the edge, too, on a torus.
Graph grid(Uid a, Uid b, bool torus) {
  std::vector<Edge> edges;
  const auto join = [&](Uid i, Uid j, Uid k, Uid l) {
    if (!torus && (k == a || l == b)) return;
    const Edge edge{i * b + j, k % a * b + l % b};
    if (edge.from != edge.to) edges.push_back(edge);
  };
  for (Uid i = 0; i < a; ++i) {
    for (Uid j = 0; j < b; ++j) {
      join(i, j, i + 1, j);
      join(i, j, i, j + 1);
    }
  }
  return Graph::undirected(a * b, edges);
}

/// All pairs for which `joined(lower, upper)`.
template <class Joined>
Graph pairs(Uid n, Joined joined) {
  std::vector<Edge> edges;
  for (Uid upper = 0; upper < n; ++upper) {
    for (Uid lower = 0; lower < upper; ++lower) {
      if (joined(lower, upper)) edges.push_back({lower, upper});
    }
  }
  return Graph::undirected(n, edges);
}

Graph exponential(Uid n) {
  std::vector<Edge> edges;
  for (Uid i = 0; i < n; ++i) {
    for (Uid offset = 1; offset < n; offset *= 2) edges.push_back({(i + offset) % n, i});
  }
  return Graph::directed(n, edges);
}

Graph graph_of(const json& row) {
  const std::string kind = row.at("topology");
  const Uid n = row.at("n");
  if (kind == "chain") return pairs(n, [](Uid i, Uid j) { return i + 1 == j; });
  if (kind == "hypercube")
    return pairs(n, [](Uid i, Uid j) { return std::popcount(unsigned(i ^ j)) == 1; });
  if (kind == "binary_tree_heap") return pairs(n, [](Uid i, Uid j) { return (j - 1) / 2 == i; });
  if (kind == "complete_bipartite")
    return pairs(n, [n](Uid i, Uid j) { return i < n / 2 && j >= n / 2; });
  if (kind == "static_exponential") return exponential(n);
  if (kind == "torus" || kind == "grid") return grid(row.at("a"), row.at("b"), kind == "torus");
  return make_matrix('"' + kind + '"', n).graph;
}

MixingMatrix matrix_of(const json& row) {
  const std::string weights = row.value("weights", "neighborhood_mean");
  if (weights == "best_constant") {
    const double weight = row.at("edge_weight");
    return stochastic_matrix(graph_of(row), [weight](Uid, Uid) { return weight; });
  }
  if (weights == "lazy_0.5_of_metropolis") return make_weights(R"("lazy")")->on(graph_of(row));
  return make_weights(weights == "metropolis" ? R"("metropolis_hastings")" : json(weights).dump())
      ->on(graph_of(row));
}

TEST(SpectralGap, IsThatOfTheIndependentComputation) {
  const std::string file = KITH_SOURCE_DIR "/../shared/oracles/spectral_gaps.json";
  std::ifstream stream(file);
  if (!stream) GTEST_SKIP() << "NOT CHECKED: the oracle " << file << " is not there";
  const json oracle = json::parse(stream);
  for (const json& row : oracle.at("rows")) {
    SCOPED_TRACE(row.dump());
    const MixingMatrix w = matrix_of(row);
    const Spectrum found = spectrum(w);
    EXPECT_NEAR(*found.spectral_gap, row.at("gap").get<double>(), 1e-9);
    if (is_symmetric(w)) {
      EXPECT_NEAR(*found.lambda_min, row.at("min_eig").get<double>(), 1e-9);
    }
  }
}

}  // namespace
}  // namespace kith
