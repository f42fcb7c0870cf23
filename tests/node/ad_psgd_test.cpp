#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/config.h"
#include "node/activation.h"
#include "support/node_run.h"
#include "support/source_folder.h"

namespace kith {
namespace {

using ::testing::HasSubstr;

const char* const kSeeded = R"({"type": "ad_psgd", "activation": {"type": "seeded", "max_delay": 5}})";

Matrix matrix_in(const Config& config) {
  Matrix rows;
  for (const Config& row : config.elements()) {
    rows.emplace_back();
    for (const Config& value : row.elements()) rows.back().push_back(value.to_number());
  }
  return rows;
}

std::string text_of_file(const std::filesystem::path& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(AdPsgd, FollowsTheTraceOfTheIndependentComputation) {
  const auto folder = source_folder() / "../shared/oracles";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "NOT CHECKED: no oracles";
  const Config problem = Config::parse(text_of_file(folder / "trajectories.json"), "problem");
  const Config trace =
      Config::parse(text_of_file(folder / "trajectories_extra.json"), "trace").at("adpsgd_events");
  TestRun run;
  std::ofstream(run.folder() / "q.json") << JsonObject()
                                                .raw("A", problem.at("A").dump())
                                                .raw("b", problem.at("b").dump())
                                                .raw("x0", problem.at("X0").dump())
                                                .str();
  const std::vector<Config> events = trace.at("events").elements();
  const auto event = [](const Config& entry) {
    const std::int64_t i = entry.elements()[0].to_integer(), offset = entry.elements()[1].to_integer();
    return "[" + std::to_string(i) + "," + std::to_string((i + offset) % 8) + "," +
           entry.elements()[2].dump() + "]";
  };
  std::ofstream(run.folder() / "events.json") << json_array(events, event);
  const std::string node = JsonObject()
                               .add("type", "ad_psgd")
                               .raw("activation", JsonObject()
                                                      .add("type", "trace")
                                                      .add("path", (run.folder() / "events.json").string())
                                                      .add("events_per_round", 1)
                                                      .str())
                               .str();
  run.run(node_config(node, run.folder() / "q.json", 8, std::ssize(events), R"("fully_connected")",
                      R"({"type": "sgd", "lr": 0.02})"));
  for (const std::string& number : trace.at("X").names()) {
    const Matrix expected = matrix_in(trace.at("X").at(number));
    EXPECT_LT(largest_difference(run.parameters(std::stoi(number)), expected), 1e-5) << number;
  }
}

// x_j ← m, x_i ← m − η g: one event moves Σ x by one gradient, of an earlier model.
TEST(AdPsgd, AnEventAveragesAPairAndMovesTheSumByOneGradient) {
  constexpr int kNodes = 9, kEvents = 60, kMostDelay = 5;
  const QuadraticProblem problem(kNodes, 4);
  TestRun run;
  problem.write(run.folder() / "q.json");
  run.run(node_config(R"({"type": "ad_psgd", "activation":
                          {"type": "seeded", "max_delay": 5, "events_per_round": 1}})",
                      run.folder() / "q.json", kNodes, kEvents));
  int late = 0;
  for (int t = 0; t < kEvents; ++t) {
    const Matrix x = run.parameters(t), next = run.parameters(t + 1);
    std::vector<std::size_t> changed;
    for (std::size_t i = 0; i < kNodes; ++i) {
      if (x[i] != next[i]) changed.push_back(i);
    }
    ASSERT_EQ(changed.size(), 2u) << "event " << t;
    const auto is_mean = [&](std::size_t i) {
      for (std::size_t k = 0; k < 4; ++k) {
        const auto a = static_cast<float>(x[changed[0]][k]), b = static_cast<float>(x[changed[1]][k]);
        if (static_cast<float>(next[i][k]) != 0.5f * a + 0.5f * b) return false;
      }
      return true;
    };
    ASSERT_NE(is_mean(changed[0]), is_mean(changed[1])) << "event " << t;
    const std::size_t initiator = is_mean(changed[0]) ? changed[1] : changed[0];
    const std::size_t partner = is_mean(changed[0]) ? changed[0] : changed[1];
    bool explained = false;
    for (int delay = 0; delay <= kMostDelay && !explained; ++delay) {
      const auto g = problem.gradient(initiator, run.parameters(std::max(0, t - delay))[initiator]);
      explained = true;
      for (std::size_t k = 0; k < 4; ++k) {
        explained = explained && std::abs(next[initiator][k] - next[partner][k] + 0.05 * g[k]) < 1e-6;
      }
      late += explained && delay > 0;
    }
    EXPECT_TRUE(explained) << "event " << t;
  }
  EXPECT_GT(late, 5);
}

TEST(AdPsgd, ASeededOrderIsTheSameBitsWhateverTheThreads) {
  const QuadraticProblem problem(16, 5);
  TestRun run;
  problem.write(run.folder() / "q.json");
  const std::string config =
      node_config(kSeeded, run.folder() / "q.json", 16, 40, R"({"type": "regular", "degree": 4})",
                  R"({"type": "sgd", "lr": 0.05, "momentum": 0.5})");
  const auto digest = run.run(config, 1).digest;
  for (const int threads : {1, 2, 5}) EXPECT_EQ(run.run(config, threads).digest, digest);
}

TEST(AdPsgd, OneNodeAloneIsSgd) {
  const QuadraticProblem problem(1, 3);
  TestRun run;
  problem.write(run.folder() / "q.json");
  run.run(node_config(kSeeded, run.folder() / "q.json", 1, 400));
  EXPECT_LT(largest_difference(run.parameters(400), problem.b), 1e-5);
}

TEST(AdPsgd, TwoNodesReachTheNeighborhoodOfTheOptimum) {
  const QuadraticProblem problem(2, 3);
  TestRun run;
  problem.write(run.folder() / "q.json");
  run.run(node_config(kSeeded, run.folder() / "q.json", 2, 500));
  const std::vector<double> mean = mean_of(run.parameters(500));
  std::vector<double> gradient(3);
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t k = 0; k < 3; ++k) gradient[k] += problem.gradient(i, mean)[k] / 2;
  }
  for (const double g : gradient) EXPECT_LT(std::abs(g), 0.2);
}

TEST(AdPsgd, ManyNodesReachTheNeighborhoodOfTheOptimum) {
  constexpr std::size_t kNodes = 12;
  const QuadraticProblem problem(kNodes, 4);
  TestRun run;
  problem.write(run.folder() / "q.json");
  run.run(node_config(kSeeded, run.folder() / "q.json", kNodes, 600,
                      R"({"type": "regular", "degree": 4})", R"({"type": "sgd", "lr": 0.01})"));
  for (const auto& x : run.parameters(600)) {
    std::vector<double> gradient(4);
    for (std::size_t i = 0; i < kNodes; ++i) {
      for (std::size_t k = 0; k < 4; ++k) gradient[k] += problem.gradient(i, x)[k] / kNodes;
    }
    for (const double g : gradient) EXPECT_LT(std::abs(g), 0.15);
  }
}

std::string refusal(const std::string& node, const std::string& graph = R"("ring")",
                    const std::string& training = R"({"type": "sgd", "lr": 0.05})") {
  const QuadraticProblem problem(6, 2);
  TestRun run;
  problem.write(run.folder() / "q.json");
  std::ofstream(run.folder() / "events.json") << "[[0, 1], [1, 2, 3], [5, 6]]";
  std::ofstream(run.folder() / "bad.json") << "[[0, 1], [1]]";
  try {
    std::string config = node_config(node, run.folder() / "q.json", 6, 3, graph, training);
    for (std::size_t at; (at = config.find("FOLDER")) != std::string::npos;) {
      config.replace(at, 6, run.folder().string());
    }
    run.run(config);
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing";
}

TEST(AdPsgd, RefusesWhatItCannotDo) {
  EXPECT_THAT(refusal(kSeeded, R"({"type": "exponential"})"),
              HasSubstr("/graph: ad_psgd (pairs of neighbors average) needs a graph whose edges go both ways"));
  EXPECT_THAT(refusal(kSeeded, R"("ring")", R"({"type": "sgd", "lr": 0.1, "local_steps": 3})"),
              HasSubstr("needs one local step a round"));
  const auto trace = [](const char* file) {
    return R"({"type": "ad_psgd", "activation": {"type": "trace", "events_per_round": 1, "path": "FOLDER/)" +
           std::string(file) + "\"}}";
  };
  EXPECT_THAT(refusal(trace("events.json")), HasSubstr("event 2 is of node 6, and the run has 6 nodes"));
  EXPECT_THAT(refusal(trace("bad.json")),
              HasSubstr("bad.json: /1: must be [initiator, partner, delay], got [1]"));
  EXPECT_THAT(refusal(trace("none.json")), HasSubstr("none.json: cannot be read"));
  EXPECT_THAT(refusal(R"({"type": "ad_psgd", "activation": {"type": "trace", "path": "FOLDER/events.json"}})"),
              HasSubstr("has 3 events, and 3 rounds of this run take 18"));
}

}  // namespace
}  // namespace kith
