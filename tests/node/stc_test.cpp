#include <gtest/gtest.h>

#include "core/json_object.h"
#include "node/server.h"
#include "support/quadratic_run.h"

namespace kith {
namespace {

constexpr int kNodes = 5, kRounds = 60;
constexpr std::size_t kSize = 8, kKept = 2;

std::string config_of(const std::filesystem::path& data, const std::string& node) {
  return JsonObject()
      .add("nodes", kNodes)
      .add("rounds", kRounds)
      .add("graph", "ring")
      .raw("dataset", JsonObject().add("type", "quadratics").add("path", data.string()).str())
      .add("model", "vector")
      .raw("training", R"({"type": "sgd", "lr": 0.05, "local_steps": 2})")
      .raw("node", node)
      .raw("evaluation", R"({"every": 1, "record": ["parameters"]})")
      .str();
}

/// The signs of the largest coordinates, times their mean magnitude; 0 elsewhere.
std::vector<double> ternary(const std::vector<double>& v) {
  std::vector<std::size_t> order(v.size());
  for (std::size_t k = 0; k < v.size(); ++k) order[k] = k;
  std::ranges::stable_sort(order, std::greater{}, [&](std::size_t k) { return std::abs(v[k]); });
  double mean = 0;
  for (std::size_t r = 0; r < kKept; ++r) mean += std::abs(v[order[r]]) / double(kKept);
  std::vector<double> q(v.size());
  for (std::size_t r = 0; r < kKept; ++r) q[order[r]] = v[order[r]] < 0 ? -mean : mean;
  return q;
}

// In float32 another coordinate may be the largest sooner or later: only the first rounds are
// compared.
TEST(StcServer, FollowsThePaperWithResidualsAtClientsAndServer) {
  const QuadraticProblem problem(kNodes, kSize);
  TestRun run;
  problem.write(run.folder() / "q.json");
  run.run(config_of(run.folder() / "q.json",
                    R"({"type": "stc", "alpha": 0.25, "working_fraction": 0.6})"));
  std::vector<double> x = problem.x0[0], e(kSize);
  Matrix residual(kNodes, e);
  for (Round round = 0; round <= 15; ++round) {
    ASSERT_LT(largest_difference(run.parameters(round), Matrix(kNodes, x)), 1e-5)
        << "round " << round;
    const auto workers = server::draw_workers(1, round, kNodes, 0.6);
    for (const Uid worker : workers) {
      const auto i = static_cast<std::size_t>(worker);
      std::vector<double> y = x;
      for (int step = 0; step < 2; ++step) {
        const auto g = problem.gradient(i, y);
        for (std::size_t k = 0; k < kSize; ++k) y[k] -= 0.05 * g[k];
      }
      for (std::size_t k = 0; k < kSize; ++k) residual[i][k] += y[k] - x[k];
      const auto q = ternary(residual[i]);
      for (std::size_t k = 0; k < kSize; ++k) {
        residual[i][k] -= q[k];
        e[k] += q[k] / double(workers.size());
      }
    }
    const auto q = ternary(e);
    for (std::size_t k = 0; k < kSize; ++k) {
      e[k] -= q[k];
      x[k] += q[k];
    }
  }
}

TEST(StcServer, AllNodesHaveTheSameBits) {
  const QuadraticProblem problem(kNodes, kSize);
  TestRun run;
  problem.write(run.folder() / "q.json");
  run.run(config_of(
      run.folder() / "q.json",
      R"({"type": "stc", "alpha": 0.3, "ternary": false, "codec": {"values": {"type": "quantization", "levels": 100}}})"));
  for (const Config& network : run.events("network")) {
    EXPECT_LT(network.at("consensus_distance").to_number(), 1e-14);
  }
}

TEST(StcServer, SayingEverythingIsFederatedAveraging) {
  const QuadraticProblem problem(kNodes, kSize);
  TestRun run;
  problem.write(run.folder() / "q.json");
  run.run(config_of(run.folder() / "q.json", R"({"type": "stc", "alpha": 1, "ternary": false})"));
  const Matrix said = run.parameters(kRounds);
  run.run(config_of(run.folder() / "q.json", R"("federated")"));
  EXPECT_LT(largest_difference(said, run.parameters(kRounds)), 5e-6);
}

}  // namespace
}  // namespace kith
