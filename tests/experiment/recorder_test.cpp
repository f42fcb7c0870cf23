#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/json_object.h"
#include "support/quadratic_run.h"

namespace kith {
namespace {

/// Gossip of vectors of 100 numbers among 6 nodes on a ring.
std::string config(const std::string& evaluation, int rounds = 10) {
  return JsonObject()
      .add("nodes", 6)
      .add("rounds", rounds)
      .add("graph", "ring")
      .raw("model", R"({"type": "vector", "size": 100, "init": "per_node"})")
      .raw("training", R"({"type": "sgd", "local_steps": 0})")
      .raw("evaluation", evaluation)
      .str();
}

std::vector<std::int64_t> rounds_of(const std::vector<Config>& lines) {
  std::vector<std::int64_t> rounds;
  for (const Config& line : lines) rounds.push_back(line.at("round").to_integer());
  return rounds;
}

TEST(Recorder, EvaluatesTheFirstTheLastAndEveryFewRounds) {
  TestRun run;
  run.run(config(R"({"every": 4})"));
  EXPECT_THAT(rounds_of(run.events("network")), ::testing::ElementsAre(0, 4, 8, 10));
  run.run(config(R"({"every": 0})"));
  EXPECT_THAT(rounds_of(run.events("network")), ::testing::ElementsAre(0, 10));
  run.run(config(R"({"every": 3})", 0));
  EXPECT_THAT(rounds_of(run.events("network")), ::testing::ElementsAre(0));
}

TEST(Recorder, WritesNodesInUidOrderBeforeTheNetwork) {
  TestRun run;
  run.run(config(R"({"every": 5})"), 2);
  const auto& lines = run.metrics();
  ASSERT_EQ(lines.size(), 3 * 7u);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i % 7 == 6) {
      EXPECT_EQ(lines[i].at("event").to_string(), "network");
    } else {
      EXPECT_EQ(lines[i].at("node").to_integer(), static_cast<std::int64_t>(i % 7));
    }
  }
}

TEST(Recorder, CountsTheBytesOfTheContract) {
  TestRun run;
  run.run(config(R"({"every": 0})"));
  const Config last = run.events("evaluation").back();
  // Ten rounds, two neighbors, a header of 64 bytes and 100 numbers of 4.
  EXPECT_EQ(last.at("bytes_sent").to_integer(), 10 * 2 * (64 + 400));
  EXPECT_EQ(last.at("bytes_received").to_integer(), 10 * 2 * (64 + 400));
  EXPECT_EQ(last.at("metadata_bytes_sent").to_integer(), 10 * 2 * 64);
  EXPECT_EQ(last.at("messages_sent").to_integer(), 20);
  EXPECT_EQ(run.events("network").back().at("total_bytes_sent").to_integer(), 6 * 9280);
}

TEST(Recorder, TheConsensusDistanceIsThatOfTheRecordedParameters) {
  TestRun run;
  run.run(config(R"({"every": 2, "record": ["parameters"]})"));
  for (const Config& line : run.events("network")) {
    const Matrix x = run.parameters(line.at("round").to_integer());
    double distance = 0;
    for (std::size_t k = 0; k < 100; ++k) {
      double mean = 0;
      for (const auto& row : x) mean += row[k] / 6;
      for (const auto& row : x) distance += (row[k] - mean) * (row[k] - mean) / 6;
    }
    EXPECT_NEAR(line.at("consensus_distance").to_number(), distance, 1e-12 * (1 + distance));
  }
}

TEST(Recorder, ThereIsNoTrainingLossWithoutTraining) {
  TestRun run;
  run.run(config("{}"));
  EXPECT_TRUE(run.events("evaluation").back().at("train_loss").is_null());
  EXPECT_TRUE(run.events("network").back().at("mean_train_loss").is_null());
}

TEST(Recorder, TheTrainingLossIsTheMeanBeforeEachUpdate) {
  const QuadraticProblem problem(2, 3);
  TestRun run;
  problem.write(run.folder() / "q.json");
  run.run(JsonObject()
              .add("nodes", 2)
              .add("rounds", 3)
              .add("graph", "ring")
              .raw("dataset", R"({"type": "quadratics", "path": )" +
                                  json_string((run.folder() / "q.json").string()) + '}')
              .add("model", "vector")
              .raw("training", R"({"type": "sgd", "lr": 0.1, "local_steps": 1})")
              .raw("evaluation", R"({"every": 1, "record": ["parameters"], "average_model": true})")
              .str());
  const auto lines = run.events("evaluation");
  EXPECT_TRUE(lines[0].at("train_loss").is_null());
  for (std::size_t round = 0; round < 3; ++round) {
    const std::vector<double> x = run.parameters(static_cast<Round>(round))[0];
    const std::vector<double> g = problem.gradient(0, x);
    double loss = 0;
    for (std::size_t k = 0; k < 3; ++k) loss += 0.5 * (x[k] - problem.b[0][k]) * g[k];
    EXPECT_NEAR(lines[2 * (round + 1)].at("train_loss").to_number(), loss, 1e-6);
  }
  EXPECT_TRUE(run.events("network").back().has("average_model_test_loss"));
  EXPECT_FALSE(lines[0].has("learning_rate"));
  EXPECT_EQ(lines.back().at("learning_rate").to_number(), 0.1);
}

/// Says as `full` does, and counts what it hears.
class Counting final : public Sharing {
 public:
  using Params = NoParams;

  Counting(Params, const Context& context)
      : reports_(context.reports), full_(registry().standard("full").make(context)) {}

  void say(const Turn& turn, const Slot& x, Outbox& outbox) override {
    full_->say(turn, x, outbox);
  }
  void hear(const Turn& turn, const Slot& x, std::span<const Heard> heard, ArrayView out) override {
    heard_ += static_cast<double>(heard.size());
    reports_.report("messages_heard", heard_);
    full_->hear(turn, x, heard, out);
  }

 private:
  Reports& reports_;
  std::unique_ptr<Sharing> full_;
  double heard_ = 0;
};
const Register<Sharing, Counting> counting{"counting_in_a_test", "full, with a metric of its own"};

TEST(Recorder, WritesWhatComponentsReport) {
  TestRun run;
  std::string text = config("{}");
  text.insert(1, R"("sharing": "counting_in_a_test", )");
  run.run(text);
  EXPECT_EQ(run.events("evaluation").back().at("messages_heard").to_integer(), 2 * 10);
}

TEST(Recorder, RefusesToRecordLargeModels) {
  TestRun run;
  std::string large = config(R"({"record": ["parameters"]})");
  large.replace(large.find("\"size\": 100"), 11, "\"size\": 10001");
  EXPECT_THROW(run.run(large), ConfigError);
}

TEST(RunDirectory, RefusesAFolderThatHoldsARun) {
  TestRun run;
  run.run(config("{}"));
  EXPECT_THROW(RunDirectory(run.folder() / "run0"), ConfigError);
}

TEST(RunDirectory, TheResolvedConfigGivesTheSameBits) {
  TestRun run;
  const auto digest = run.run(config("{}")).digest;
  Experiment again(RunConfig::read(Config::load(run.folder() / "run0/config.json")), 2);
  EXPECT_EQ(again.run(RunDirectory(run.folder() / "again"), {}).digest, digest);
}

TEST(Sparkline, IsAsHighAsItsValues) {
  EXPECT_EQ(sparkline({0, 0.5, 1}, 5), "▁▅█");
  EXPECT_EQ(sparkline({0, 0, 1, 1}, 2), "██");
}

}  // namespace
}  // namespace kith
