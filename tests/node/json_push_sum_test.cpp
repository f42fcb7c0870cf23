#include "support/json_trajectory.h"

namespace kith {
namespace {

const Trajectory kTraces[] = {
    {"sgp_digraph", R"({"node": "sgp", "training": {"lr": 0.05}})"},
    {"sgp_one_peer_exp",
     R"({"node": "sgp", "graph": "one_peer_exponential", "training": {"lr": 0.05}})"},
    {"push_diging_digraph", R"({"node": "push_diging", "training": {"lr": 0.05}})"},
};

class PushSumTrace : public ::testing::TestWithParam<Trajectory> {};
INSTANTIATE_TEST_SUITE_P(Traces, PushSumTrace, ::testing::ValuesIn(kTraces),
                         [](const auto& info) { return info.param.trace; });

TEST_P(PushSumTrace, IsThatOfTheIndependentComputation) { expect_trajectory(GetParam()); }

/// push_sum.json: weights and ratios round by round, and where they go.
TEST(PushSum, GossipIsThatOfTheIndependentComputation) {
  const nlohmann::json all = oracle("push_sum.json");
  if (all.is_null()) GTEST_SKIP() << "NOT CHECKED: push_sum.json is not there";
  using nlohmann::json;
  const auto x0 = all.at("x0").get<std::vector<double>>();
  const std::size_t n = x0.size();
  json problem{{"A", json(n, {{1}})}, {"b", json(n, {0})}, {"x0", json::array()}};
  for (const double value : x0) problem["x0"].push_back({value});
  TestRun run;
  std::ofstream(run.folder() / "q.json") << problem;
  write_matrix(all.at("P"), run.folder() / "p.json");
  constexpr Round kRounds = 200;
  run.run(json{{"nodes", n},
               {"rounds", kRounds},
               {"graph", {{"type", "file"}, {"path", run.folder() / "p.json"}}},
               {"dataset", {{"type", "quadratics"}, {"path", run.folder() / "q.json"}}},
               {"model", "vector"},
               {"training", {{"type", "sgd"}, {"local_steps", 0}}},
               {"node", "sgp"},
               {"evaluation", {{"every", 1}, {"record", {"parameters"}}}}}
              .dump());
  const auto weights = [&](Round round) {
    std::vector<double> w;
    for (const Config& line : run.events("evaluation")) {
      if (line.at("round").to_integer() == round) w.push_back(line.at("push_weight").to_number());
    }
    return w;
  };
  for (const json& row : all.at("rows")) {
    const Round k = row.at("k");
    const Matrix z = run.parameters(k);
    for (std::size_t i = 0; i < n; ++i) {
      EXPECT_NEAR(weights(k)[i], row.at("w")[i].get<double>(), 2e-6) << "round " << k;
      EXPECT_NEAR(z[i][0], row.at("z")[i].get<double>(), 1e-6) << "round " << k;
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    EXPECT_NEAR(weights(kRounds)[i], all.at("limit_w")[i].get<double>(), 2e-5);
    EXPECT_NEAR(run.parameters(kRounds)[i][0], all.at("mean").get<double>(), 1e-6);
  }
}

}  // namespace
}  // namespace kith
