#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/config.h"
#include "node/activation.h"
#include "support/node_run.h"
#include "support/source_folder.h"

namespace kith {
namespace {

using ::testing::HasSubstr;

const char* const kSeeded =
    R"({"type": "ad_psgd", "activation": {"type": "seeded", "max_delay": 5}})";

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
    const std::int64_t i = entry.elements()[0].to_integer(),
                       offset = entry.elements()[1].to_integer();
    return "[" + std::to_string(i) + "," + std::to_string((i + offset) % 8) + "," +
           entry.elements()[2].dump() + "]";
  };
  std::ofstream(run.folder() / "events.json") << json_array(events, event);
  const std::string node =
      JsonObject()
          .add("type", "ad_psgd")
          .raw("activation", JsonObject()
                                 .add("type", "trace")
                                 .add("path", (run.folder() / "events.json").string())
                                 .add("events_per_round", 1)
                                 .str())
          .str();
  run.run(quadratic_config(node, run.folder() / "q.json", 8, std::ssize(events),
                           R"("fully_connected")", R"({"type": "sgd", "lr": 0.02})"));
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
  run.run(quadratic_config(R"({"type": "ad_psgd", "activation":
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
        const auto a = static_cast<float>(x[changed[0]][k]),
                   b = static_cast<float>(x[changed[1]][k]);
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
        explained =
            explained && std::abs(next[initiator][k] - next[partner][k] + 0.05 * g[k]) < 1e-6;
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
  const std::string config = quadratic_config(kSeeded, run.folder() / "q.json", 16, 40,
                                              R"({"type": "regular", "degree": 4})",
                                              R"({"type": "sgd", "lr": 0.05, "momentum": 0.5})");
  const auto digest = run.run(config, 1).digest;
  for (const int threads : {1, 2, 5}) EXPECT_EQ(run.run(config, threads).digest, digest);
}

TEST(AdPsgd, OneNodeAloneIsSgd) {
  const QuadraticProblem problem(1, 3);
  TestRun run;
  problem.write(run.folder() / "q.json");
  run.run(quadratic_config(kSeeded, run.folder() / "q.json", 1, 1000));
  EXPECT_LT(largest_difference(run.parameters(1000), problem.b), 1e-5);
}

TEST(AdPsgd, NodesReachTheNeighborhoodOfTheOptimum) {
  for (const std::size_t nodes : {2, 12}) {
    for (const char* const node : {kSeeded, R"("ad_psgd")"}) {
      const QuadraticProblem problem(nodes, 4);
      TestRun run;
      problem.write(run.folder() / "q.json");
      // On one thread nodes take turns: none has done all its rounds before another begins.
      run.run(quadratic_config(node, run.folder() / "q.json", std::int64_t(nodes), 600, R"("ring")",
                               R"({"type": "sgd", "lr": 0.02})"),
              1);
      const Matrix x = run.parameters(600);
      EXPECT_LT(slope(problem, mean_of(x)), 0.25) << node << ", " << nodes << " nodes";
      EXPECT_GT(slope(problem, mean_of(run.parameters(0))), 0.3) << nodes << " nodes";
    }
  }
}

// Without gradients only averages are left: they keep the mean, and bring all nodes to it.
TEST(AdPsgd, AveragesOnArrivalsKeepTheMean) {
  TestRun run;
  for (const int threads : {1, 2, 4}) {
    run.run(mixing_config(R"("ad_psgd")", 10, 400), threads);
    const std::vector<double> before = mean_of(run.parameters(0)),
                              after = mean_of(run.parameters(400));
    for (std::size_t k = 0; k < before.size(); ++k) EXPECT_NEAR(before[k], after[k], 1e-6);
    // How near they come is chance: who is done early meets nobody any more. Never farther, though.
    const auto distances = run.events("network");
    EXPECT_LE(distances.back().at("consensus_distance").to_number(),
              distances.front().at("consensus_distance").to_number());
  }
}

TEST(AdPsgd, ReportsHowStaleItsGradientsWere) {
  const QuadraticProblem problem(4, 3);
  TestRun run;
  problem.write(run.folder() / "q.json");
  run.run(quadratic_config(kSeeded, run.folder() / "q.json", 4, 100, R"("fully_connected")"));
  double count = 0, late = 0;
  for (const Config& line : run.events("evaluation")) {
    if (line.at("round").to_integer() != 100) continue;
    for (const std::string& name : line.names()) {
      if (!name.starts_with("staleness_") || name == "staleness_mean") continue;
      count += line.at(name).to_number();
      late += name == "staleness_4" ? line.at(name).to_number() : 0;  // 4 or 5 of 0 … 5
    }
  }
  EXPECT_EQ(count, 400);  // as many as events
  EXPECT_NEAR(late / count, 1.0 / 3, 0.12);
}

TEST(AdPsgd, NeverStandsStillOnArrivals) {
  TestRun run;
  Random random(1, Purpose::kModel);
  for (int trial = 0; trial < 60; ++trial) {
    const std::int64_t nodes = 2 + 2 * random.below(4);
    const char* const graph = random.below(2) ? R"("ring")" : R"("complete_bipartite")";
    run.run(mixing_config(R"("ad_psgd")", nodes, 1 + random.below(5), graph, 3),
            1 + static_cast<int>(random.below(4)));
  }
}

TEST(AdPsgd, OnArrivalsEveryNodeHasARecordOfEveryRound) {
  TestRun run;
  run.run(mixing_config(R"("ad_psgd")", 6, 20));
  for (int round = 0; round <= 20; ++round) EXPECT_EQ(run.parameters(round).size(), 6u) << round;
  EXPECT_EQ(run.events("network").size(), 21u);
}

std::string refusal(const std::string& node, const std::string& graph = R"("ring")",
                    const std::string& training = R"({"type": "sgd", "lr": 0.05})") {
  const QuadraticProblem problem(6, 2);
  TestRun run;
  problem.write(run.folder() / "q.json");
  std::ofstream(run.folder() / "events.json") << "[[0, 1], [1, 2, 3], [5, 6]]";
  std::ofstream(run.folder() / "bad.json") << "[[0, 1], [1]]";
  try {
    std::string config = quadratic_config(node, run.folder() / "q.json", 6, 3, graph, training);
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
  EXPECT_THAT(refusal(R"("ad_psgd")", R"("fully_connected")"),
              HasSubstr("needs two halves of nodes with all edges between them"));
  EXPECT_THAT(
      refusal(kSeeded, R"({"type": "exponential"})"),
      HasSubstr(
          "/graph: ad_psgd (pairs of neighbors average) needs a graph whose edges go both ways"));
  EXPECT_THAT(refusal(kSeeded, R"("ring")", R"({"type": "sgd", "lr": 0.1, "local_steps": 3})"),
              HasSubstr("needs one local step a round"));
  const auto trace = [](const char* file) {
    return R"({"type": "ad_psgd", "activation": {"type": "trace", "events_per_round": 1, "path": "FOLDER/)" +
           std::string(file) + "\"}}";
  };
  EXPECT_THAT(refusal(trace("events.json")),
              HasSubstr("event 2 is of node 6, and the run has 6 nodes"));
  EXPECT_THAT(refusal(trace("bad.json")),
              HasSubstr("bad.json: /1: must be [initiator, partner, delay], got [1]"));
  EXPECT_THAT(refusal(trace("none.json")), HasSubstr("none.json: cannot be read"));
  EXPECT_THAT(
      refusal(
          R"({"type": "ad_psgd", "activation": {"type": "trace", "path": "FOLDER/events.json"}})"),
      HasSubstr("has 3 events, and 3 rounds of this run take 18"));
}

}  // namespace
}  // namespace kith
