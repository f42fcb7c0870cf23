#include <gtest/gtest.h>

#include "core/json_object.h"
#include "support/quadratic_run.h"

namespace kith {
namespace {

constexpr int kNodes = 6, kRounds = 60;

std::string config_of(const std::filesystem::path& data, const char* node, const char* graph,
                      int local_steps, int nodes = kNodes) {
  return JsonObject()
      .add("nodes", nodes)
      .add("rounds", kRounds)
      .raw("graph", graph)
      .raw("dataset", JsonObject().add("type", "quadratics").add("path", data.string()).str())
      .add("model", "vector")
      .raw("training",
           JsonObject().add("type", "sgd").add("lr", 0.05).add("local_steps", local_steps).str())
      .raw("node", node)
      .raw("evaluation", R"({"every": 1, "record": ["parameters"]})")
      .str();
}

class OuterOptimizers : public ::testing::Test {
 protected:
  OuterOptimizers() { problem_.write(run_.folder() / "q.json"); }

  Matrix parameters(const char* node, const char* graph, int local_steps) {
    run_.run(config_of(run_.folder() / "q.json", node, graph, local_steps));
    return run_.parameters(kRounds);
  }

  /// All start where node 0 does.
  static QuadraticProblem one_start() {
    QuadraticProblem problem(kNodes, 4);
    std::ranges::fill(problem.x0, Matrix(problem.x0)[0]);
    return problem;
  }

  QuadraticProblem problem_ = one_start();
  TestRun run_;
};

TEST_F(OuterOptimizers, OfRateOneWithoutMomentumAreFederatedAveraging) {
  const char* const diloco = R"({"type": "diloco", "outer_lr": 1, "outer_momentum": 0})";
  const char* const complete = R"("fully_connected")";
  const Matrix expected = parameters(R"("federated")", complete, 5);
  EXPECT_LT(largest_difference(parameters(diloco, complete, 5), expected), 2e-6);
  EXPECT_LT(largest_difference(parameters(R"("local_sgd")", complete, 5), expected), 2e-6);
  EXPECT_GT(largest_difference(parameters(R"("diloco")", complete, 5), expected), 1e-3);
}

TEST_F(OuterOptimizers, WithOneLocalStepAreSynchronousSgd) {
  const char* const diloco = R"({"type": "diloco", "outer_lr": 1, "outer_momentum": 0})";
  const Matrix expected = parameters(R"("parameter_server")", R"("fully_connected")", 1);
  EXPECT_LT(largest_difference(parameters(R"("federated")", R"("ring")", 1), expected), 2e-6);
  EXPECT_LT(largest_difference(parameters(diloco, R"("fully_connected")", 1), expected), 2e-6);
  EXPECT_LT(largest_difference(parameters(R"("dpsgd")", R"("fully_connected")", 1), expected),
            2e-6);
}

TEST_F(OuterOptimizers, LocalSgdIsDpsgdThatAdaptsFirst) {
  EXPECT_EQ(parameters(R"("local_sgd")", R"("ring")", 4), parameters(R"("dpsgd")", R"("ring")", 4));
}

TEST_F(OuterOptimizers, DilocoAveragesWhereItBegan) {
  // x⁺ = x + λ (Δ + μ m), from the recorded rounds: Δ = W y − x with y by hand.
  run_.run(config_of(run_.folder() / "q.json",
                     R"({"type": "diloco", "outer_lr": 0.5, "outer_momentum": 0.8})", R"("ring")",
                     3));
  Matrix m(kNodes, std::vector<double>(4)), x = problem_.x0;
  for (Round round = 0; round < kRounds; ++round) {
    ASSERT_LT(largest_difference(run_.parameters(round), x), 2e-5) << "round " << round;
    Matrix y = x;
    for (std::size_t i = 0; i < kNodes; ++i) {
      for (int step = 0; step < 3; ++step) {
        const auto g = problem_.gradient(i, y[i]);
        for (std::size_t k = 0; k < 4; ++k) y[i][k] -= 0.05 * g[k];
      }
    }
    for (std::size_t i = 0; i < kNodes; ++i) {
      for (std::size_t k = 0; k < 4; ++k) {
        const double mean =
            (y[i][k] + y[(i + 1) % kNodes][k] + y[(i + kNodes - 1) % kNodes][k]) / 3;
        const double delta = mean - x[i][k];
        m[i][k] = 0.8 * m[i][k] + delta;
        x[i][k] += 0.5 * (delta + 0.8 * m[i][k]);
      }
    }
  }
}

TEST_F(OuterOptimizers, NolocoWithoutMomentumAndWithRatesOfOneAverages) {
  // φ⁺ = φ + (W θ − W φ) − (φ − W φ) = W θ.
  const char* const noloco =
      R"({"type": "noloco", "outer_lr": 1, "outer_momentum": 0, "gamma": 1})";
  const char* const graph = R"("random_matching")";
  EXPECT_LT(
      largest_difference(parameters(noloco, graph, 4), parameters(R"("local_sgd")", graph, 4)),
      5e-6);
}

TEST_F(OuterOptimizers, NolocoDrawsTheNodesTogether) {
  const auto distance = [&](const char* node) {
    run_.run(config_of(run_.folder() / "q.json", node, R"("random_matching")", 4));
    return run_.events("network").back().at("consensus_distance").to_number();
  };
  EXPECT_LT(
      distance(R"({"type": "noloco", "outer_momentum": 0.3, "outer_lr": 0.3, "gamma": 0.9})"),
      distance(R"({"type": "noloco", "outer_momentum": 0.3, "outer_lr": 0.3, "gamma": 0.1})"));
}

TEST_F(OuterOptimizers, WorkForOneNodeAndTwo) {
  for (const int nodes : {1, 2}) {
    const QuadraticProblem problem(static_cast<std::size_t>(nodes), 3);
    problem.write(run_.folder() / "few.json");
    for (const char* node : {R"("local_sgd")", R"("diloco")", R"("noloco")",
                             R"("parameter_server")", R"({"type": "stc", "alpha": 0.5})"}) {
      run_.run(config_of(run_.folder() / "few.json", node, R"("ring")", 1, nodes));
      const Matrix x = run_.parameters(kRounds);
      EXPECT_LT(largest_difference(x, Matrix(std::size_t(nodes), x[0])), 0.1) << node;
      double slope = 0;
      for (std::size_t k = 0; k < 3; ++k) {
        double sum = 0;
        for (std::size_t i = 0; i < std::size_t(nodes); ++i) sum += problem.gradient(i, x[i])[k];
        slope = std::max(slope, std::abs(sum));
      }
      EXPECT_LT(slope, 1) << node;
    }
  }
}

}  // namespace
}  // namespace kith
