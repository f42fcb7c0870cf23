#include <fstream>
#include <nlohmann/json.hpp>

#include "graph/edge_coloring.h"
#include "graph/matcha_design.h"
#include "graph/schedule_testing.h"
#include "support/source_folder.h"

namespace kith {
namespace {

using nlohmann::json;

/// The oracle, or null where it is not there.
json oracle(const std::string& name) {
  std::ifstream stream(source_folder() / "../shared/oracles" / name);
  return stream ? json::parse(stream) : json();
}

#define NEED(oracle) \
  if ((oracle).is_null()) GTEST_SKIP() << "NOT CHECKED: ../shared/oracles is not there"

std::unique_ptr<Schedule> base_k(std::int64_t n, std::int64_t k, bool simple) {
  return make_graph(json({{"type", "base_k"}, {"k", k}, {"simple", simple}}).dump(), n);
}

TEST(FiniteTimeOracle, BaseGraphsAreNoLongerThanTheTable) {
  const json table = oracle("finite_time.json");
  NEED(table);
  for (const bool simple : {false, true}) {
    const json& lengths = table.at(simple ? "simple_base_lengths" : "base_graph_lengths");
    for (const auto& [k, rows] : lengths.items()) {
      for (const auto& [n, rounds] : rows.items()) {
        EXPECT_LE(base_k(std::stoi(n), std::stoi(k), simple)->period(), rounds.get<Round>())
            << n << " nodes, k " << k;
      }
    }
  }
}

TEST(FiniteTimeOracle, BaseGraphsHaveTheMatricesThatAreGiven) {
  const json table = oracle("finite_time.json");
  NEED(table);
  for (const auto& [name, n, simple] : {std::tuple("base2_n6_matrices", 6, false),
                                        std::tuple("simple_base2_n5_matrices", 5, true)}) {
    const json& matrices = table.at("examples").at(name);
    const auto schedule = base_k(n, 1, simple);
    ASSERT_EQ(schedule->period(), Round(matrices.size()));
    for (Round t = 0; t < schedule->period(); ++t) {
      const Dense w = matrix(*schedule, t);
      for (std::size_t i = 0; i < std::size_t(n); ++i) {
        for (std::size_t j = 0; j < std::size_t(n); ++j) {
          EXPECT_NEAR(w.row(int(i))[j], matrices[std::size_t(t)][i][j].get<double>(), 1e-12)
              << name << ", round " << t;
        }
      }
    }
  }
}

TEST(FiniteTimeOracle, OnePeerExponentialLeavesTheResidual) {
  const json table = oracle("finite_time.json");
  NEED(table);
  for (const auto& [n, row] : table.at("one_peer_exponential").items()) {
    const auto schedule = make_graph(R"("one_peer_exponential")", std::stoi(n));
    EXPECT_EQ(schedule->period(), row.at("rounds").get<Round>());
    EXPECT_NEAR(product(*schedule, schedule->period()).rho(), row.at("residual").get<double>(),
                1e-9)
        << n;
  }
}

TEST(FiniteTimeOracle, HypercubesAndAlternatingExpRingsAreExactInAsManyRounds) {
  const json table = oracle("finite_time.json");
  NEED(table);
  for (const auto& [n, row] : table.at("one_peer_hypercube").items()) {
    const auto schedule = make_graph(R"("one_peer_hypercube")", std::stoi(n));
    EXPECT_EQ(schedule->period(), row.at("rounds").get<Round>());
    EXPECT_LT(product(*schedule, schedule->period()).distance_from_average(), 1e-12);
  }
  for (const auto& [shape, row] : table.at("alternating_exp_ring").items()) {
    const int machines = std::stoi(shape);
    const int per_machine = std::stoi(shape.substr(shape.find('x') + 1));
    const auto schedule = make_graph(
        json({{"type", "alternating_exp_ring"}, {"nodes_per_machine", per_machine}}).dump(),
        machines * per_machine);
    EXPECT_EQ(schedule->period(), row.at("rounds").get<Round>());
    EXPECT_LT(product(*schedule, schedule->period()).distance_from_average(), 1e-12);
  }
}

TEST(FiniteTimeOracle, ShiftOneAndTheOnePeerRingMixAtTheRate) {
  const json table = oracle("finite_time.json");
  NEED(table);
  for (const auto& [entry, kind] : {std::pair("shift_one", R"("shift_one")"),
                                    std::pair("alternating_ring", R"("one_peer_ring")")}) {
    for (const auto& [n, row] : table.at(entry).items()) {
      const auto schedule = make_graph(kind, std::stoi(n));
      Dense all = Dense::identity(schedule->nodes());
      Round t = 0;
      for (const json& rho : row.at("rho_after_t_rounds")) {
        all = all.mixed(*schedule, t++);
        EXPECT_NEAR(all.rho(), rho.get<double>(), 1e-7) << entry << ' ' << n << ' ' << t;
      }
    }
  }
}

TEST(FiniteTimeOracle, ConsensusErrorsFallRoundByRound) {
  const json table = oracle("finite_time.json");
  NEED(table);
  for (const auto& [entry, kind] : {std::pair("one_peer_exp", R"("one_peer_exponential")"),
                                    std::pair("base2", R"({"type": "base_k", "k": 1})"),
                                    std::pair("base3", R"({"type": "base_k", "k": 2})"),
                                    std::pair("base4", R"({"type": "base_k", "k": 3})"),
                                    std::pair("base5", R"({"type": "base_k", "k": 4})")}) {
    const auto schedule = make_graph(kind, 25);
    std::vector<double> x(25);
    for (std::size_t i = 0; i < 25; ++i) x[i] = double(i);
    Round t = 0;
    for (const json& expected : table.at("consensus_error_n25_x0_i").at(entry)) {
      double error = 0;
      for (const double value : x) error += (value - 12) * (value - 12) / 25;
      EXPECT_NEAR(error, expected.get<double>(), 1e-9) << entry << ", round " << t;
      std::vector<double> mixed;
      for (Uid i = 0; i < 25; ++i) {
        const Neighborhood at = schedule->neighborhood(i, t);
        double sum = at.self_weight * x[std::size_t(i)];
        for (const auto& [j, weight] : at.senders) sum += weight * x[std::size_t(j)];
        mixed.push_back(sum);
      }
      x = mixed;
      ++t;
    }
  }
}

TEST(MatchaOracle, RingsHaveTheStepSizeAndContraction) {
  const json table = oracle("random_topologies.json");
  NEED(table);
  for (const json& row : table.at("matcha")) {
    const std::string graph = row.at("graph");
    const int n = std::stoi(graph.substr(4));
    const Matchings matchings = matchings_of(make_matrix(R"("ring")", n).graph);
    const MatchaDesign design = design_matcha(n, matchings, row.at("p")[0]);
    // The oracle searched α on a grid of 5e-5: its minimum is a little above the true one.
    const double step_size = row.at("alpha_opt");
    const double expected = row.at("rho_E_WtW");
    EXPECT_NEAR(contraction(n, matchings, {row.at("p"), step_size}), expected, 1e-9);
    EXPECT_NEAR(design.step_size, step_size, 1e-4);
    EXPECT_LE(contraction(n, matchings, design), expected);
    EXPECT_NEAR(contraction(n, matchings, design), expected, 1e-4);
    EXPECT_NEAR(contraction(n, matchings, {row.at("p"), 0.5}),
                row.at("rho_at_alpha_0_5").get<double>(), 1e-9);
  }
}

}  // namespace
}  // namespace kith
