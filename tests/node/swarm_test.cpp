#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/node_run.h"

namespace kith {
namespace {

const char* const kSeeded = R"({"type": "swarm", "activation": "seeded"})";
const char* const kGeometric =
    R"({"type": "swarm", "steps": "geometric", "activation": {"type": "seeded", "events_per_round": 1}})";
const char* const kTraining = R"({"type": "sgd", "lr": 0.02, "local_steps": 3})";

// Both take three steps of x ← x − η A (x − b), then they are the mean of the two.
TEST(Swarm, APairTakesItsStepsAndAverages) {
  constexpr std::size_t kNodes = 7;
  const QuadraticProblem problem(kNodes, 4);
  TestRun run;
  problem.write(run.folder() / "q.json");
  run.run(quadratic_config(
      R"({"type": "swarm", "activation": {"type": "seeded", "events_per_round": 1}})",
      run.folder() / "q.json", kNodes, 40, R"("ring")", kTraining));
  for (int t = 0; t < 40; ++t) {
    const Matrix x = run.parameters(t), next = run.parameters(t + 1);
    std::vector<std::size_t> pair;
    for (std::size_t i = 0; i < kNodes; ++i) {
      if (x[i] != next[i]) pair.push_back(i);
    }
    ASSERT_EQ(pair.size(), 2u);
    EXPECT_EQ(next[pair[0]], next[pair[1]]);
    std::vector<double> mean(4);
    for (const std::size_t i : pair) {
      std::vector<double> y = x[i];
      for (int step = 0; step < 3; ++step) {
        const auto g = problem.gradient(i, y);
        for (std::size_t k = 0; k < 4; ++k) y[k] -= 0.02 * g[k];
      }
      for (std::size_t k = 0; k < 4; ++k) mean[k] += y[k] / 2;
    }
    for (std::size_t k = 0; k < 4; ++k) EXPECT_NEAR(next[pair[0]][k], mean[k], 1e-6);
  }
}

// f(x) = (x − b)² / 2 far away has a gradient that steps hardly change: they can be counted.
TEST(Swarm, GeometricStepsHaveTheirMean) {
  constexpr int kEvents = 1000, kMean = 4;
  QuadraticProblem problem(2, 1);
  for (std::size_t i = 0; i < 2; ++i) {
    problem.a[i][0][0] = 1;
    problem.b[i][0] = -1e6;
    problem.x0[i][0] = 0;
  }
  TestRun run;
  problem.write(run.folder() / "q.json");
  run.run(quadratic_config(kGeometric, run.folder() / "q.json", 2, kEvents, R"("ring")",
                           R"({"type": "sgd", "lr": 1e-6, "local_steps": 4})"));
  double squares = 0, sum = 0, last = 0;
  for (const Config& line : run.events("evaluation")) {
    if (line.at("node").to_integer() != 0) continue;
    const double x = line.at("parameters").elements()[0].to_number();
    const double steps = last - x;  // the mean of two nodes'
    last = x;
    sum += steps;
    squares += steps * steps;
  }
  const double mean = sum / kEvents;
  EXPECT_NEAR(mean, kMean, 4 * std::sqrt(12.0 / 2 / kEvents) + 0.05);  // Var = m (m − 1)
  EXPECT_NEAR(squares / kEvents - mean * mean, 12.0 / 2, 2);
}

TEST(Swarm, ASeededOrderIsTheSameBitsWhateverTheThreads) {
  const QuadraticProblem problem(12, 5);
  TestRun run;
  problem.write(run.folder() / "q.json");
  for (const char* const node : {kSeeded, kGeometric}) {
    const std::string config = quadratic_config(node, run.folder() / "q.json", 12, 30,
                                                R"({"type": "regular", "degree": 3})", kTraining);
    const auto digest = run.run(config, 1).digest;
    for (const int threads : {1, 3}) EXPECT_EQ(run.run(config, threads).digest, digest);
  }
}

TEST(Swarm, NodesReachTheNeighborhoodOfTheOptimum) {
  for (const std::size_t nodes : {1, 2, 9}) {
    for (const char* const node : {kSeeded, R"("swarm")"}) {
      const QuadraticProblem problem(nodes, 4);
      TestRun run;
      problem.write(run.folder() / "q.json");
      // On one thread nodes take turns: none has done all its rounds before another begins.
      run.run(quadratic_config(node, run.folder() / "q.json", std::int64_t(nodes), 400,
                               R"("fully_connected")", kTraining),
              1);
      EXPECT_LT(slope(problem, mean_of(run.parameters(400))), 0.2) << node << ", " << nodes;
    }
  }
}

// What an average adds to one node it takes from the other, also when others come between.
TEST(Swarm, AveragesOnArrivalsKeepTheMean) {
  TestRun run;
  for (const int threads : {1, 2, 4}) {
    run.run(mixing_config(R"("swarm")", 9, 300, R"("fully_connected")"), threads);
    const std::vector<double> before = mean_of(run.parameters(0)),
                              after = mean_of(run.parameters(300));
    for (std::size_t k = 0; k < before.size(); ++k) EXPECT_NEAR(before[k], after[k], 1e-5);
    const auto distances = run.events("network");
    EXPECT_LE(distances.back().at("consensus_distance").to_number(),
              distances.front().at("consensus_distance").to_number());
  }
}

}  // namespace
}  // namespace kith
