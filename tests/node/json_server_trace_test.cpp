#include <unistd.h>

#include "support/json_trajectory.h"

namespace kith {
namespace {

const Trajectory kTraces[] = {
    {"fedavg_H5",
     R"({"node": "federated", "graph": "star", "training": {"lr": 0.05, "local_steps": 5}})", true},
    {"fedprox_H5", R"({"node": {"type": "federated", "algorithm": "fedprox", "mu": 0.5},
                       "graph": "star", "training": {"lr": 0.05, "local_steps": 5}})",
     true},
    {"scaffold_H5", R"({"node": {"type": "federated", "algorithm": "scaffold"}, "graph": "ring",
                        "training": {"lr": 0.05, "local_steps": 5}})",
     true},
    // DiLoCo with a server.
    {"diloco_H5", R"({"node": {"type": "federated",
                               "server": {"lr": 0.7, "momentum": 0.9, "nesterov": true}},
                      "graph": "ring", "training": {"lr": 0.05, "local_steps": 5}})",
     true},
    {"diloco_H5", R"({"node": "diloco", "graph": "fully_connected",
                      "training": {"lr": 0.05, "local_steps": 5}})",
     true},
    {"local_dsgd_ring_H4", R"({"node": "local_sgd", "training": {"lr": 0.05, "local_steps": 4}})"},
};

class ServerTrace : public ::testing::TestWithParam<Trajectory> {};
INSTANTIATE_TEST_SUITE_P(Traces, ServerTrace, ::testing::ValuesIn(kTraces), [](const auto& info) {
  return info.param.trace + "_" + std::to_string(info.index);
});

TEST_P(ServerTrace, IsThatOfTheIndependentComputation) { expect_trajectory(GetParam()); }

TEST(NolocoTrace, IsThatOfTheIndependentComputation) {
  using Pair = std::pair<int, int>;
  const std::vector<std::vector<Pair>> pairings{{{0, 1}, {2, 3}, {4, 5}, {6, 7}},
                                                {{1, 2}, {3, 4}, {5, 6}, {7, 0}},
                                                {{0, 4}, {1, 5}, {2, 6}, {3, 7}}};
  nlohmann::json rounds = nlohmann::json::array();
  for (const auto& pairs : pairings) {
    auto& round = rounds.emplace_back(nlohmann::json::array());
    for (const auto& [a, b] : pairs) {
      for (const int i : {a, b}) {
        for (const int j : {a, b}) round.push_back({i, j, 0.5});
      }
    }
  }
  // Beside the folder of the test, which expect_trajectory makes.
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("kith_pairs_" + std::to_string(getpid()) + ".json");
  std::ofstream(file) << nlohmann::json{{"nodes", 8}, {"period", 3}, {"rounds", rounds}};
  const nlohmann::json config{
      {"node", {{"type", "noloco"}, {"outer_lr", 0.7}, {"outer_momentum", 0.5}}},
      {"graph", {{"type", "file"}, {"path", file}}},
      {"training", {{"lr", 0.05}, {"local_steps", 5}}}};
  expect_trajectory({"noloco_pairs", config.dump()});
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace kith
