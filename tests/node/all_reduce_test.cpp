#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/node_run.h"

namespace kith {
namespace {

class AllReduce : public WithFolder {
 protected:
  /// The parameters at the end, of nodes that start where node 0 does.
  Matrix reached(const std::string& node, std::size_t nodes, std::size_t d,
                 const std::string& training, int threads = 2) {
    QuadraticProblem problem(nodes, d);
    std::ranges::fill(problem.x0, problem.x0[0]);
    problem.write(folder_ / "q.json");
    digest_ = run_.run(node_config(node, R"("fully_connected")", nodes, kRounds, folder_ / "q.json",
                                   training, "", kRounds),
                       threads)
                  .digest;
    return run_.parameters(kRounds);
  }

  static constexpr int kRounds = 25;
  TestRun run_;
  std::uint64_t digest_ = 0;
};

constexpr const char* kSgd = R"({"type": "sgd", "lr": 0.1})";
constexpr const char* kMomentum =
    R"({"type": "sgd", "lr": 0.05, "momentum": 0.9, "nesterov": true})";
constexpr const char* kSteps = R"({"type": "sgd", "lr": 0.05, "momentum": 0.5, "local_steps": 4})";

// With fewer numbers than nodes some chunks are empty.
TEST_F(AllReduce, IsCentralizedTrainingAndDpsgdOnTheCompleteGraph) {
  for (const std::size_t nodes : {1, 2, 3, 7, 8}) {
    for (const std::size_t d : {1, 5, 16, 33}) {
      for (const char* training : {kSgd, kMomentum}) {
        SCOPED_TRACE(std::to_string(nodes) + " nodes, d = " + std::to_string(d));
        const Matrix central = reached(R"("centralized")", nodes, d, training);
        const Matrix ring = reached(R"("all_reduce")", nodes, d, training);
        EXPECT_LT(largest_difference(central, ring), 1e-5);
        EXPECT_EQ(largest_difference(ring, Matrix(nodes, ring[0])), 0) << "the same bits";
        EXPECT_EQ(largest_difference(central, Matrix(nodes, central[0])), 0) << "one model";
        EXPECT_LT(largest_difference(reached(R"("dpsgd")", nodes, d, training), ring), 1e-5);
      }
    }
  }
}

TEST_F(AllReduce, OfModelsIsLocalSgdOnTheCompleteGraph) {
  for (const std::size_t nodes : {1, 2, 5, 8}) {
    const Matrix ring =
        reached(R"({"type": "all_reduce", "average": "models"})", nodes, 13, kSteps);
    EXPECT_EQ(largest_difference(ring, Matrix(nodes, ring[0])), 0);
    EXPECT_LT(largest_difference(reached(R"("dpsgd")", nodes, 13, kSteps), ring), 1e-5);
  }
}

// A mean that were rounded once too often would shrink the models by 1e-8 a round.
TEST_F(AllReduce, OfModelsThatAgreeChangesNothing) {
  QuadraticProblem problem(7, 20);
  std::ranges::fill(problem.x0, problem.x0[0]);
  problem.write(folder_ / "q.json");
  run_.run(node_config(R"({"type": "all_reduce", "average": "models"})", R"("ring")", 7, 1000,
                       folder_ / "q.json", R"({"type": "sgd", "local_steps": 0})", "", 1000));
  EXPECT_LT(largest_difference(run_.parameters(1000), problem.x0), 2e-6);
}

TEST_F(AllReduce, SendsTwoVectorsLessTheirNthHoweverManyNodes) {
  for (const std::size_t nodes : {2, 5, 8}) {
    reached(R"("all_reduce")", nodes, 16, kSgd);
    std::int64_t bytes = 0, messages = 0;
    for (const Config& line : run_.events("evaluation")) {
      if (line.at("round").to_integer() != kRounds) continue;
      bytes += line.at("bytes_sent").to_integer();
      messages += line.at("messages_sent").to_integer();
    }
    const auto n = static_cast<std::int64_t>(nodes);
    EXPECT_EQ(bytes - messages * 64, kRounds * 2 * (n - 1) * 16 * 4);
    EXPECT_EQ(messages, kRounds * 2 * (n - 1) * n);
  }
}

TEST_F(AllReduce, ThreadsDoNotChangeABit) {
  for (const char* node : {R"("all_reduce")", R"("centralized")"}) {
    reached(node, 8, 33, kMomentum, 1);
    const auto digest = digest_;
    for (const int threads : {2, 5}) {
      reached(node, 8, 33, kMomentum, threads);
      EXPECT_EQ(digest_, digest) << node;
    }
  }
}

TEST_F(AllReduce, CentralizedAndLocalTrainingAreNoTraffic) {
  for (const char* node : {R"("centralized")", R"("local")"}) {
    reached(node, 5, 16, kSgd);
    for (const Config& line : run_.events("evaluation")) {
      EXPECT_EQ(line.at("bytes_sent").to_integer(), 0) << node;
      EXPECT_EQ(line.at("bytes_received").to_integer(), 0) << node;
    }
  }
}

TEST_F(AllReduce, AverageOfGradientsNeedsOneStartAndOneStep) {
  const auto refusal = [&](const std::string& node, const std::string& training, bool equal) {
    QuadraticProblem problem(4, 2);
    if (equal) std::ranges::fill(problem.x0, problem.x0[0]);
    problem.write(folder_ / "q.json");
    const std::string config = node_config(node, R"("ring")", 4, 1, folder_ / "q.json", training);
    return message_of<ConfigError>(
        [&] { Experiment(RunConfig::read(Config::parse(config, "run.json")), 1); });
  };
  EXPECT_THAT(refusal(R"("all_reduce")", kSgd, false),
              testing::HasSubstr("needs all nodes to start from the same parameters"));
  EXPECT_THAT(refusal(R"("all_reduce")", kSteps, true),
              testing::AllOf(testing::HasSubstr("needs one local step a round"),
                             testing::HasSubstr("\"average\": \"models\"")));
  EXPECT_THAT(refusal(R"("centralized")", kSgd, false), testing::HasSubstr("there is one model"));
  EXPECT_THAT(refusal(R"("centralized")", kSteps, true), testing::HasSubstr("one local step"));
  EXPECT_EQ(refusal(R"({"type": "all_reduce", "average": "models"})", kSteps, false), "no error");
}

TEST(AllReduceOfManyNodes, IsRefusedWhereItsStepsCannotBeNumbered) {
  const auto refusal = [](const char* nodes) {
    const std::string config = std::string(R"({"nodes": )") + nodes + R"(, "rounds": 1,
        "graph": "ring", "model": {"type": "vector", "size": 2}, "node": "all_reduce",
        "training": {"type": "sgd", "local_steps": 0}})";
    return message_of<ConfigError>(
        [&] { Experiment(RunConfig::read(Config::parse(config, "run.json")), 1); });
  };
  EXPECT_EQ(refusal("16384"), "no error");
  EXPECT_EQ(
      refusal("16385"),
      "/nodes: all_reduce passes chunks around in 2 (n - 1) steps a round, and can number those "
      "of at most 16,384 nodes; got 16385");
}

}  // namespace
}  // namespace kith
