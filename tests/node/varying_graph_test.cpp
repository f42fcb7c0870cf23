#include <fstream>

#include "core/json_object.h"
#include "graph/file.h"
#include "support/quadratic_run.h"

namespace kith {
namespace {

class VaryingGraph : public ::testing::TestWithParam<const char*> {};

/// The matrices that `kith graph KIND --format json --rounds R` gives.
std::vector<MixingMatrix> exported(const std::string& graph, std::int64_t nodes, Round rounds,
                                   const std::filesystem::path& file) {
  const auto chosen = Schedule::registry().read(Config::parse(graph, "test"));
  {
    std::ofstream out(file);
    write(*chosen.make({nodes, 1, &chosen.common()}), GraphFormat::kJson, rounds, out);
  }
  // A schedule that never repeats has no period to read: all its rounds are there.
  return read_json(file);
}

Matrix mixed(const MixingMatrix& w, const Matrix& x) {
  Matrix y = x;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const auto uid = static_cast<Uid>(i);
    for (std::size_t k = 0; k < x[i].size(); ++k) {
      y[i][k] *= w.self_weights[i];
      for (std::size_t s = 0; s < w.row(uid).size(); ++s) {
        y[i][k] += w.row(uid)[s] * x[std::size_t(w.graph.senders(uid)[s])][k];
      }
    }
  }
  return y;
}

TEST_P(VaryingGraph, GossipFollowsTheExportedMatricesRoundByRound) {
  constexpr int kNodes = 12, kRounds = 15;
  const std::string graph = GetParam();
  TestRun run;
  const auto period = exported(graph, kNodes, kRounds, run.folder() / "w.json");
  run.run(JsonObject()
              .add("nodes", kNodes)
              .add("rounds", kRounds)
              .raw("graph", graph)
              .raw("model", R"({"type": "vector", "size": 7, "init": "per_node"})")
              .raw("training", R"({"type": "sgd", "local_steps": 0})")
              .raw("evaluation", R"({"every": 1, "record": ["parameters"]})")
              .str());
  Matrix x = run.parameters(0);
  for (Round t = 0; t < kRounds; ++t) {
    x = mixed(period[std::size_t(t) % period.size()], x);
    ASSERT_LT(largest_difference(run.parameters(t + 1), x), 3e-6) << "round " << t;
  }
}

const char* const kGraphs[] = {
    R"("one_peer_exponential")",
    R"("one_peer_ring")",
    R"({"type": "alternating_exp_ring", "nodes_per_machine": 3})",
    R"("shift_one")",
    R"("random_matching")",
    R"({"type": "random_regular", "degree": 3})",
    R"({"type": "epidemic", "degree": 2})",
    R"({"type": "equidyn", "directed": true})",
    R"({"type": "equidyn", "directed": false})",
    R"({"type": "matcha", "budget": 0.5, "of": {"type": "regular", "degree": 3}})",
    R"({"type": "base_k", "k": 1})",
    R"({"type": "hyper_hypercube", "k": 2})",
};

INSTANTIATE_TEST_SUITE_P(Graphs, VaryingGraph, ::testing::ValuesIn(kGraphs),
                         [](const auto& info) { return std::to_string(info.index); });

TEST(Gossip, OnAHypercubeAgreesAfterAPeriod) {
  TestRun run;
  run.run(R"({"nodes": 16, "rounds": 4, "graph": "one_peer_hypercube",
              "model": {"type": "vector", "size": 9, "init": "per_node"},
              "training": {"type": "sgd", "local_steps": 0},
              "evaluation": {"every": 1}})");
  const auto network = run.events("network");
  EXPECT_GT(network.at(3).at("consensus_distance").to_number(), 0.1);
  EXPECT_LT(network.at(4).at("consensus_distance").to_number(), 1e-12);
}

}  // namespace
}  // namespace kith
