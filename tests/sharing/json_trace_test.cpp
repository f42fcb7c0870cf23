#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/quadratic_run.h"
#include "support/source_folder.h"

namespace kith {
namespace {

using nlohmann::json;

struct Trace {
  const char* name;
  const char* sharing;
  double lr = 0.05;
  bool start_at_node_0 = false;  ///< all where node 0 starts
};

const Trace kTraces[] = {
    {"choco_v1_ring_top1",
     R"({"type": "choco", "gamma": 0.3, "compressor": {"type": "top_k", "k": 1}})"},
    {"choco_v2_ring_top1", R"({"type": "choco", "gamma": 0.2, "order": "overlapped",
                               "compressor": {"type": "top_k", "k": 1}})"},
    {"choco_v1_ring_sign", R"({"type": "choco", "gamma": 0.3, "compressor": "sign"})"},
    {"deepsqueeze_ring_top2",
     R"({"type": "deepsqueeze", "gamma": 0.1, "compressor": {"type": "top_k", "fraction": 0.5}})"},
    {"dcd_ring_top3", R"({"type": "dcd", "compressor": {"type": "top_k", "k": 3}})", 0.05, true},
};

class SharingTrace : public ::testing::TestWithParam<Trace> {};
INSTANTIATE_TEST_SUITE_P(Traces, SharingTrace, ::testing::ValuesIn(kTraces),
                         [](const auto& info) { return std::string(info.param.name); });

// In float32 a top-k may choose otherwise sooner or later: only the first rounds are compared.
TEST_P(SharingTrace, IsThatOfTheIndependentComputation) {
  const Trace& trace = GetParam();
  std::ifstream stream(source_folder() / "../shared/oracles/trajectories.json");
  if (!stream) GTEST_SKIP() << "NOT CHECKED: trajectories.json is not there";
  const json all = json::parse(stream);
  json x0 = all.at("X0");
  if (trace.start_at_node_0) x0 = json(x0.size(), x0[0]);
  TestRun run;
  std::ofstream(run.folder() / "q.json")
      << json{{"A", all.at("A")}, {"b", all.at("b")}, {"x0", x0}}.dump();
  run.run(json{{"nodes", all.at("n")},
               {"rounds", 10},
               {"graph", "ring"},
               {"dataset", {{"type", "quadratics"}, {"path", run.folder() / "q.json"}}},
               {"model", "vector"},
               {"training", {{"type", "sgd"}, {"lr", trace.lr}}},
               {"sharing", json::parse(trace.sharing)},
               {"evaluation", {{"every", 1}, {"record", {"parameters"}}}}}
              .dump());
  for (const int round : {1, 2, 3, 5, 10}) {
    const Matrix expected = all.at("traces").at(trace.name).at("X").at(std::to_string(round));
    EXPECT_LT(largest_difference(run.parameters(round), expected), 1e-5) << "round " << round;
  }
}

// EL-Local's: everybody sends to two random others, and averages what came, however much. W is of
// any kind: here a receiver would keep half of its own.
TEST(PlainAverageTrace, IsThatOfTheIndependentComputation) {
  const auto oracle = [](const char* name) {
    std::ifstream stream(source_folder() / "../shared/oracles" / name);
    return stream ? json::parse(stream) : json();
  };
  const json problem = oracle("trajectories.json"), extra = oracle("trajectories_extra.json");
  if (problem.is_null() || extra.is_null()) GTEST_SKIP() << "NOT CHECKED: no trajectories";
  const json& trace = extra.at("el_local_s2");
  const auto n = problem.at("n").get<std::size_t>();
  json rounds = json::array();
  for (const json& send_to : trace.at("send_to")) {
    std::vector<std::vector<std::size_t>> senders(n);
    for (std::size_t j = 0; j < n; ++j) {
      for (const std::size_t i : send_to.at(j)) senders[i].push_back(j);
    }
    json round = json::array();
    for (std::size_t i = 0; i < n; ++i) {
      const double others = senders[i].empty() ? 0 : 0.5;
      round.push_back({i, i, 1 - others});
      for (const std::size_t j : senders[i]) {
        round.push_back({i, j, others / double(senders[i].size())});
      }
    }
    rounds.push_back(round);
  }
  TestRun run;
  const auto period = rounds.size();
  std::ofstream(run.folder() / "g.json")
      << json{{"nodes", n}, {"period", period}, {"rounds", rounds}}.dump();
  std::ofstream(run.folder() / "q.json")
      << json{{"A", problem.at("A")}, {"b", problem.at("b")}, {"x0", problem.at("X0")}}.dump();
  run.run(json{{"nodes", n},
               {"rounds", period},
               {"graph", {{"type", "file"}, {"path", run.folder() / "g.json"}}},
               {"dataset", {{"type", "quadratics"}, {"path", run.folder() / "q.json"}}},
               {"model", "vector"},
               {"training", {{"type", "sgd"}, {"lr", 0.05}}},
               {"sharing", "plain_average"},
               {"evaluation", {{"every", 1}, {"record", {"parameters"}}}}}
              .dump());
  for (const auto& [round, expected] : trace.at("X").items()) {
    EXPECT_LT(largest_difference(run.parameters(std::stoi(round)), expected.get<Matrix>()), 1e-5)
        << "round " << round;
  }
}

}  // namespace
}  // namespace kith
