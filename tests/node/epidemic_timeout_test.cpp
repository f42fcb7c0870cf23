#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/node_run.h"

namespace kith {
namespace {

const char* const kNode = R"({"type": "epidemic_timeout", "degree": 2, "timeout_s": 0.02})";

TEST(EpidemicTimeout, NodesThatOnlyMixComeToAgree) {
  TestRun run;
  run.run(mixing_config(kNode, 8, 60, R"("fully_connected")"));
  const auto network = run.events("network");
  const double before = network.front().at("consensus_distance").to_number();
  EXPECT_LT(network.back().at("consensus_distance").to_number(), 1e-3 * before);
}

// A node that does not listen, since it trains for long, is told once until it has read that.
TEST(EpidemicTimeout, NobodyIsSentAModelWhoHasNotReadTheLast) {
  const QuadraticProblem problem(2, 4);
  TestRun run;
  problem.write(run.folder() / "q.json");
  run.run(
      quadratic_config(R"({"type": "epidemic_timeout", "degree": 1, "timeout_s": 0.001})",
                       run.folder() / "q.json", 2, 30, R"("ring")",
                       R"({"type": "sgd", "lr": 0.01, "slow": {"nodes": [1], "factor": 20000}})"));
  std::int64_t models[2] = {}, notes[2] = {};
  for (const Config& line : run.events("evaluation")) {
    if (line.at("round").to_integer() < 30) continue;
    const auto node = static_cast<std::size_t>(line.at("node").to_integer());
    const std::int64_t messages = line.at("messages_sent").to_integer();
    // A note that a model was read is empty; a model has four numbers.
    const auto content = line.at("bytes_sent").to_integer() - std::int64_t{kHeaderBytes} * messages;
    models[node] = content / (4 * 4);
    notes[node] = messages - models[node];
  }
  EXPECT_LE(models[0], notes[1] + 1);
  EXPECT_LE(models[1], notes[0] + 1);
}

TEST(EpidemicTimeout, NodesReachTheNeighborhoodOfTheOptimum) {
  for (const std::size_t nodes : {1, 2, 6}) {
    const QuadraticProblem problem(nodes, 4);
    TestRun run;
    problem.write(run.folder() / "q.json");
    run.run(quadratic_config(R"({"type": "epidemic_timeout", "timeout_s": 0.003})",
                             run.folder() / "q.json", std::int64_t(nodes), 150,
                             R"("fully_connected")", R"({"type": "sgd", "lr": 0.1})"));
    EXPECT_LT(slope(problem, mean_of(run.parameters(150))), 0.6) << nodes << " nodes";
  }
}

}  // namespace
}  // namespace kith
