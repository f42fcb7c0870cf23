#include <numeric>
#include <tuple>

#include "graph/edge_coloring.h"
#include "graph/matcha_design.h"
#include "graph/schedule_testing.h"

namespace kith {
namespace {

TEST(Matcha, IsTheBestConstantWeightWhereEveryEdgeIsUsed) {
  // α = 2 / (λ₂ + λ_n) of the ring's Laplacian, whose λ_m = 2 − 2 cos(2π m/n).
  const Matchings matchings = matchings_of(make_matrix(R"("ring")", 8).graph);
  const double second = 2 - std::sqrt(2), last = 4;
  const MatchaDesign design = design_matcha(8, matchings, 1);
  EXPECT_EQ(design.probabilities, std::vector<double>(2, 1));
  EXPECT_NEAR(design.step_size, 2 / (second + last), 1e-9);
  EXPECT_NEAR(contraction(8, matchings, design), std::pow((last - second) / (last + second), 2),
              1e-9);
}

TEST(Matcha, ContractsARingAsKnown) {
  const std::tuple<std::int64_t, double, double> cases[] = {
      {8, 0.5, 0.78391041699131025}, {8, 0.25, 0.91105292557815}, {16, 0.5, 0.9356471088391}};
  for (const auto& [nodes, p, expected] : cases) {
    const Matchings matchings = matchings_of(make_matrix(R"("ring")", nodes).graph);
    const MatchaDesign design = design_matcha(nodes, matchings, p);
    EXPECT_EQ(design.probabilities, std::vector<double>(2, p));
    const double step_size = nodes == 8 ? 0.6073283664183209 : 0.6501155057752888;
    EXPECT_NEAR(contraction(nodes, matchings, {design.probabilities, step_size}), expected, 1e-9);
    EXPECT_LE(contraction(nodes, matchings, design), expected);  // that α was found on a grid
    EXPECT_NEAR(design.step_size, step_size, 1e-4);
  }
}

TEST(Matcha, ContractsWorseWithAnyOtherStepSize) {
  const Matchings matchings = matchings_of(make_matrix(R"("star")", 5).graph);
  const MatchaDesign best = design_matcha(5, matchings, 0.4);
  const double expected = contraction(5, matchings, best);
  for (const double factor : {0.5, 0.9, 0.99, 1.01, 1.1, 1.5}) {
    EXPECT_GT(contraction(5, matchings, {best.probabilities, best.step_size * factor}), expected);
  }
}

/// Two triangles, held together by a bridge that is a matching of its own.
const Matchings kBridge{{{0, 1}, {3, 4}}, {{1, 2}, {4, 5}}, {{0, 2}, {3, 5}}, {{2, 3}}};

double best_on_a_grid(const Matchings& matchings, double total) {
  double best = 0;
  for (double a = 0; a <= 1; a += 0.05) {
    for (double b = 0; b <= 1; b += 0.05) {
      for (double c = 0; c <= 1; c += 0.05) {
        const double d = total - a - b - c;
        if (d >= 0 && d <= 1) best = std::max(best, connectivity(6, matchings, {a, b, c, d}));
      }
    }
  }
  return best;
}

TEST(Matcha, SpendsItsBudgetOnWhatHoldsTheGraphTogether) {
  for (const double budget : {0.3, 0.6}) {
    const auto p = design_matcha(6, kBridge, budget).probabilities;
    EXPECT_LE(std::accumulate(p.begin(), p.end(), 0.0), 4 * budget + 1e-12);
    for (const double probability : p) EXPECT_TRUE(probability >= 0 && probability <= 1);
    EXPECT_GT(p[3], p[0]);
    const double found = connectivity(6, kBridge, p);
    EXPECT_GT(found, 1.1 * connectivity(6, kBridge, std::vector<double>(4, budget)));
    EXPECT_GT(found, 0.998 * best_on_a_grid(kBridge, 4 * budget));
  }
}

TEST(Matcha, FlipsOneCoinForAMatchingAsOftenAsItsProbability) {
  constexpr int kRounds = 4'000;
  const auto schedule = make_graph(R"({"type": "matcha", "budget": 0.3, "of": "ring"})", 6);
  const auto matchings = matchings_of(make_matrix(R"("ring")", 6).graph);
  for (const auto& matching : matchings) {
    int used = 0;
    for (Round t = 0; t < kRounds; ++t) {
      int edges = 0;
      for (const auto [a, b] : matching) {
        const auto receivers = schedule->neighborhood(a, t).receivers;
        edges += std::ranges::find(receivers, b) != receivers.end();
      }
      ASSERT_TRUE(edges == 0 || edges == int(matching.size()));
      used += edges > 0;
    }
    EXPECT_NEAR(used / double(kRounds), 0.3, 4 * std::sqrt(0.3 * 0.7 / kRounds));
  }
}

TEST(Matcha, UsesEveryEdgeEveryRoundWithAFullBudget) {
  const auto schedule = make_graph(R"({"type": "matcha", "budget": 1, "of": "ring"})", 8);
  for (Round t = 0; t < 10; ++t) EXPECT_EQ(matrix_of(*schedule, t).graph.edges(), 8);
}

}  // namespace
}  // namespace kith
