#include "support/json_trajectory.h"
#include "support/relay_tree.h"

namespace kith {
namespace {

const Trajectory kTraces[] = {
    {"relaysgd_tree_fillx0", R"({"node": {"type": "relay_sgd", "fill": "x0"},
                                 "graph": "binary_tree", "training": {"lr": 0.05}})",
     true},
    {"relaysgd_tree_fillself", R"({"node": {"type": "relay_sgd", "fill": "self"},
                                   "graph": "binary_tree", "training": {"lr": 0.05}})",
     true},
    {"relaysgd_chain_fillx0", R"({"node": "relay_sgd", "graph": "chain",
                                  "training": {"lr": 0.05}})",
     true},
};

class RelaySgdTrace : public ::testing::TestWithParam<Trajectory> {};
INSTANTIATE_TEST_SUITE_P(Traces, RelaySgdTrace, ::testing::ValuesIn(kTraces),
                         [](const auto& info) { return info.param.trace; });

TEST_P(RelaySgdTrace, IsThatOfTheIndependentComputation) { expect_trajectory(GetParam()); }

TEST(RelaySum, MechanismIsThatOfTheIndependentComputation) {
  const nlohmann::json extra = oracle("trajectories_extra.json");
  if (extra.is_null()) GTEST_SKIP() << "NOT CHECKED: trajectories_extra.json is not there";
  const nlohmann::json& y = extra.at("relaysum_mechanism").at("y");
  const std::pair<const char*, const char*> graphs[] = {
      {"chain5", "chain"}, {"heap_tree7", "binary_tree"}, {"star6", "star"}};
  for (const auto& [name, type] : graphs) {
    const Matrix expected = y.at(name);
    RelayTree tree(type, std::int64_t(expected[0].size()), 1);
    for (std::size_t t = 0; t < expected.size(); ++t) {
      const auto own = numbers(tree.sums.size(), double(t));
      tree.round(own);
      for (std::size_t i = 0; i < own.size(); ++i) {
        const double mean = double(sum_at(tree.sums[i], own[i])) / double(own.size());
        EXPECT_NEAR(mean, expected[t][i], 1e-9) << name << ", round " << t << ", node " << i;
      }
    }
  }
}

}  // namespace
}  // namespace kith
