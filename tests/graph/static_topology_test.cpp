#include <cmath>
#include <numbers>

#include "graph/graph_testing.h"

namespace kith {
namespace {

TEST(Ring, MixesAsItsClosedFormSays) {
  for (const int n : {5, 6, 16, 33, 100}) {
    EXPECT_NEAR(rho(make_matrix(R"("ring")", n)), (1 + 2 * std::cos(2 * std::numbers::pi / n)) / 3,
                1e-12)
        << n;
  }
}

TEST(Ring, OfFourMixesByItsSmallestEigenvalue) {
  EXPECT_NEAR(rho(make_matrix(R"("ring")", 4)), 1.0 / 3, 1e-14);
  EXPECT_NEAR(*spectrum(make_matrix(R"("ring")", 4)).lambda_min, -1.0 / 3, 1e-14);
}

TEST(Ring, OfThreeOrTwoIsExactAveraging) {
  EXPECT_NEAR(rho(make_matrix(R"("ring")", 3)), 0, 1e-14);
  const Neighborhood pair = make_graph(R"("ring")", 2)->neighborhood(1, 0);
  EXPECT_EQ(pair.self_weight, 0.5);
  ASSERT_EQ(pair.senders.size(), 1u);
  EXPECT_EQ(pair.senders[0].uid, 0);
  EXPECT_EQ(pair.senders[0].weight, 0.5);
  EXPECT_EQ(pair.receivers, std::vector<Uid>({0}));
}

TEST(Ring, OfOneKeepsToItself) {
  for (const char* kind :
       {R"("ring")", R"("star")", R"("complete")", R"({"type": "regular", "degree": 0})"}) {
    const Neighborhood alone = make_graph(kind, 1)->neighborhood(0, 7);
    EXPECT_EQ(alone.self_weight, 1) << kind;
    EXPECT_TRUE(alone.senders.empty()) << kind;
    EXPECT_TRUE(alone.receivers.empty()) << kind;
  }
}

TEST(Ring, HasAMillionNodesWithoutEffort) {
  const auto ring = make_graph(R"("ring")", 1'000'000);
  EXPECT_EQ(ring->neighborhood(999'999, 3).receivers, std::vector<Uid>({0, 999'998}));
}

TEST(Star, MixesAsItsClosedFormSays) {
  for (const int n : {3, 8, 40}) {
    EXPECT_NEAR(rho(make_matrix(R"("star")", n)), 1 - 1.0 / n, 1e-12) << n;
  }
}

TEST(Star, HasItsCenterAtNodeZero) {
  const GraphInfo info = inspect(*make_graph(R"("star")", 9));
  EXPECT_EQ(make_graph(R"("star")", 9)->neighborhood(0, 0).senders.size(), 8u);
  EXPECT_EQ(info.degree_min, 1);
  EXPECT_EQ(info.diameter, 2);
}

TEST(FullyConnected, AveragesExactly) {
  for (const int n : {2, 9, 64}) {
    const MixingMatrix w = make_matrix(R"("fully_connected")", n);
    EXPECT_NEAR(rho(w), 0, 1e-13) << n;
    EXPECT_EQ(w.graph.edges(), n * (n - 1) / 2);
  }
}

TEST(FullyConnected, HasOnlyTheRowThatIsAskedForInMemory) {
  constexpr Uid kNodes = 200'000;  // its matrix would take 480 GB
  const auto graph = make_graph(R"("complete")", kNodes);
  const Neighborhood row = graph->neighborhood(5, 0);
  EXPECT_EQ(row.senders.size(), std::size_t(kNodes - 1));
  EXPECT_EQ(row.senders[5].uid, 6);
  EXPECT_NEAR(row.self_weight, 1.0 / kNodes, 1e-10);
}

TEST(FullyConnected, TakesLazyWeights) {
  const auto lazy =
      make_matrix(R"({"type": "complete", "weights": {"type": "lazy", "gamma": 0.25}})", 8);
  EXPECT_NEAR(rho(lazy), 0.75, 1e-13);
}

TEST(StaticGraph, TakesMetropolisHastingsWhereThereIsNoConfig) {
  const auto star = Schedule::registry().standard("star").make({4, 1, nullptr});
  EXPECT_EQ(star->neighborhood(1, 0).self_weight, 0.75);
  EXPECT_EQ(star->period(), 1);
}

TEST(StaticGraph, SpellsOutItsWeightsOnlyWhereTheConfigChoseThem) {
  const auto json = [](const char* text) {
    return Schedule::registry().read(Config::parse(text, "graph")).json();
  };
  EXPECT_EQ(json(R"("ring")"), R"({"type":"ring"})");
  EXPECT_EQ(json(R"({"type": "ring", "weights": "max_degree"})"),
            R"({"type":"ring","weights":{"type":"max_degree"}})");
}

}  // namespace
}  // namespace kith
