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
  run.run(quadratic_config(R"({"type": "epidemic_timeout", "degree": 1, "timeout_s": 0.001})",
                      run.folder() / "q.json", 2, 30, R"("ring")",
                      R"({"type": "sgd", "lr": 0.01, "slow": {"nodes": [1], "factor": 20000}})"));
  for (const Config& line : run.events("evaluation")) {
    if (line.at("round").to_integer() < 30 || line.at("node").to_integer() == 1) continue;
    // A model each time that node 1 has listened, and a note for each of its models.
    EXPECT_LT(line.at("messages_sent").to_integer(), 30);
  }
}

TEST(EpidemicTimeout, NodesReachTheNeighborhoodOfTheOptimum) {
  for (const std::size_t nodes : {1, 2, 6}) {
    const QuadraticProblem problem(nodes, 4);
    TestRun run;
    problem.write(run.folder() / "q.json");
    run.run(quadratic_config(R"({"type": "epidemic_timeout", "timeout_s": 0.003})",
                        run.folder() / "q.json", std::int64_t(nodes), 150, R"("fully_connected")",
                        R"({"type": "sgd", "lr": 0.1})"));
    EXPECT_LT(slope(problem, mean_of(run.parameters(150))), 0.6) << nodes << " nodes";
  }
}

}  // namespace
}  // namespace kith
