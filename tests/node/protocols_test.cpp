#include <gtest/gtest.h>

#include <numeric>

#include "support/protocol_run.h"

namespace kith {
namespace {

struct AnyProtocol {
  const char* node;
  /// Whether it ends at the optimum, and not only near.
  bool exact = false;
};

/// What holds for every synchronous protocol over an undirected graph.
class EveryProtocol : public ::testing::TestWithParam<AnyProtocol> {};

const AnyProtocol kProtocols[] = {
    {R"("dpsgd")"},
    {R"({"type": "dpsgd", "order": "combine_while_adapt",
         "gossip": {"steps": 2, "acceleration": "chebyshev"}})"},
    {R"({"type": "gradient_tracking", "variant": "diging"})", true},
    {R"({"type": "gradient_tracking", "variant": "atc"})", true},
    {R"("d2")", true},
    {R"("exact_diffusion")", true},
    {R"("extra")", true},
    {R"("kgt")", true},
    {R"({"type": "beer", "gamma": 0.5, "compressor": "identity"})", true},
    {R"({"type": "quasi_global", "momentum": 0.5})"},
    {R"({"type": "decentlam", "momentum": 0.5})"},
    {R"({"type": "dmsgd", "momentum": 0.5})"},
};
INSTANTIATE_TEST_SUITE_P(Protocols, EveryProtocol, ::testing::ValuesIn(kProtocols),
                         [](const auto& info) { return std::to_string(info.index); });

TEST_P(EveryProtocol, WorksWithOneNodeAndWithTwo) {
  for (const std::size_t nodes : {1u, 2u}) {
    const ProtocolRun run({.node = GetParam().node, .nodes = nodes, .rounds = 400});
    // One node's own optimum is that of all; of two it is for those that are exact.
    if (nodes == 1 || GetParam().exact) {
      EXPECT_LT(run.distance_to_optimum(400), 2e-4) << nodes;
    } else {
      EXPECT_LT(run.distance_to_optimum(400), 1) << nodes;
    }
  }
}

TEST_P(EveryProtocol, RenumberingNodesAndGraphRenumbersResults) {
  const std::vector<std::size_t> at{3, 0, 5, 1, 6, 2, 4};  // node i was node at[i]
  const std::size_t n = at.size();
  // A path with a branch, so that no two nodes look alike.
  const std::vector<std::pair<std::size_t, std::size_t>> edges{{0, 1}, {1, 2}, {2, 3},
                                                               {3, 4}, {4, 5}, {2, 6}};
  const QuadraticProblem problem(n, 4);
  QuadraticProblem renumbered = problem;
  std::vector<std::size_t> now(n);
  for (std::size_t i = 0; i < n; ++i) {
    renumbered.a[i] = problem.a[at[i]];
    renumbered.b[i] = problem.b[at[i]];
    renumbered.x0[i] = problem.x0[at[i]];
    now[at[i]] = i;
  }
  // Metropolis–Hastings weights, by hand.
  const auto weights = [&](bool moved) {
    std::vector<int> degree(n);
    for (const auto& [i, j] : edges) ++degree[i], ++degree[j];
    Matrix w(n, std::vector<double>(n));
    for (std::size_t i = 0; i < n; ++i) w[moved ? now[i] : i][moved ? now[i] : i] = 1;
    for (const auto& [i, j] : edges) {
      const double weight = 1.0 / (1 + std::max(degree[i], degree[j]));
      const auto a = moved ? now[i] : i, b = moved ? now[j] : j;
      w[a][b] = w[b][a] = weight;
      w[a][a] -= weight;
      w[b][b] -= weight;
    }
    return w;
  };
  ProtocolRun::Setting setting{.node = GetParam().node, .nodes = n, .rounds = 20};
  setting.w = weights(false);
  const ProtocolRun first(setting, problem);
  setting.w = weights(true);
  const ProtocolRun second(setting, renumbered);
  const Matrix x = first.x(20), moved = second.x(20);
  Matrix back = moved;
  for (std::size_t i = 0; i < n; ++i) back[at[i]] = moved[i];
  EXPECT_LT(largest_difference(x, back), 1e-5);
}

TEST_P(EveryProtocol, ThreadsDoNotChangeABit) {
  ProtocolRun::Setting setting{.node = GetParam().node, .nodes = 13, .rounds = 20};
  const auto digest = ProtocolRun(setting).digest;
  for (const int threads : {1, 4}) {
    setting.threads = threads;
    EXPECT_EQ(ProtocolRun(setting).digest, digest);
  }
}

}  // namespace
}  // namespace kith
