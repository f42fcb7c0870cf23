#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/node_run.h"

namespace kith {
namespace {

using ::testing::HasSubstr;

const char* const kSeeded = R"({"type": "async_average", "activation": "seeded"})";
const char* const kArrivals = R"({"type": "async_average", "interval_s": 0.001})";
const char* const kComplete = R"("fully_connected")";

TEST(AsyncAverage, KeepsTheMeanAndEndsInAgreement) {
  TestRun run;
  for (const char* const node : {kSeeded, kArrivals}) {
    for (const int nodes : {1, 2, 7}) {
      run.run(mixing_config(node, nodes, 20, kComplete));
      const Matrix x = run.parameters(20);
      const std::vector<double> before = mean_of(run.parameters(0)), after = mean_of(x);
      for (std::size_t k = 0; k < before.size(); ++k) EXPECT_NEAR(before[k], after[k], 1e-6);
      EXPECT_LT(largest_difference(x, Matrix(x.size(), x[0])), 1e-6);
    }
  }
}

// The last average begins when all have trained: on arrivals all models are the same bits.
TEST(AsyncAverage, OnArrivalsAllModelsAreTheSameInTheEnd) {
  const QuadraticProblem problem(6, 4);
  TestRun run;
  problem.write(run.folder() / "q.json");
  run.run(quadratic_config(kArrivals, run.folder() / "q.json", 6, 200, kComplete,
                           R"({"type": "sgd", "lr": 0.02, "local_steps": 2})"));
  const Matrix x = run.parameters(200);
  for (const auto& row : x) EXPECT_EQ(row, x[0]);
}

TEST(AsyncAverage, ASeededOrderIsTheSameBitsWhateverTheThreads) {
  const QuadraticProblem problem(9, 5);
  TestRun run;
  problem.write(run.folder() / "q.json");
  const std::string config = quadratic_config(kSeeded, run.folder() / "q.json", 9, 30, kComplete);
  const auto digest = run.run(config, 1).digest;
  for (const int threads : {1, 3}) EXPECT_EQ(run.run(config, threads).digest, digest);
}

TEST(AsyncAverage, InAnOrderNodesReachTheNeighborhoodOfTheOptimum) {
  const QuadraticProblem problem(8, 4);
  TestRun run;
  problem.write(run.folder() / "q.json");
  run.run(quadratic_config(kSeeded, run.folder() / "q.json", 8, 500, kComplete));
  EXPECT_LT(slope(problem, mean_of(run.parameters(500))), 0.3);
}

// All nodes step along the mean gradient: gradient descent on the mean objective, from one start.
TEST(AsyncAverage, WarmsUpWithTheMeanGradient) {
  QuadraticProblem problem(5, 3);
  for (auto& row : problem.x0) row = problem.x0[0];
  TestRun run;
  problem.write(run.folder() / "q.json");
  run.run(
      quadratic_config(R"({"type": "async_average", "warmup_rounds": 10, "activation": "seeded"})",
                       run.folder() / "q.json", 5, 10, kComplete));
  std::vector<double> x = problem.x0[0];
  for (int round = 0; round < 10; ++round) {
    std::vector<double> g(3);
    for (std::size_t i = 0; i < 5; ++i) {
      for (std::size_t k = 0; k < 3; ++k) g[k] += problem.gradient(i, x)[k] / 5;
    }
    for (std::size_t k = 0; k < 3; ++k) x[k] -= 0.05 * g[k];
  }
  EXPECT_LT(largest_difference(run.parameters(10), Matrix(5, x)), 1e-5);
}

TEST(AsyncAverage, RefusesAGraphThatLeavesNodesOut) {
  TestRun run;
  try {
    run.run(mixing_config(kArrivals, 6, 3, R"("ring")"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(),
                HasSubstr("needs a graph that joins any two of them; use fully_connected"));
  }
}

}  // namespace
}  // namespace kith
