#include "graph/graph_testing.h"

namespace kith {
namespace {

Graph small_world(std::int64_t nodes, int k, double beta, std::uint64_t seed = 1) {
  const std::string json = R"({"type": "small_world", "k": )" + std::to_string(k) +
                           R"(, "beta": )" + json_number(beta) + "}";
  return make_matrix(json, nodes, seed).graph;
}

TEST(SmallWorld, KeepsTheNumberOfEdges) {
  for (const double beta : {0.0, 0.1, 0.5, 1.0}) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const Graph graph = small_world(40, 6, beta, seed);
      EXPECT_EQ(graph.edges(), 40 * 6 / 2);
      EXPECT_TRUE(graph.connected());
    }
  }
}

TEST(SmallWorld, WithoutRewiringIsTheLattice) {
  const Graph graph = small_world(20, 4, 0);
  for (Uid node = 0; node < 20; ++node) {
    std::vector<Uid> nearest;
    for (const Uid offset : {1, 2, 18, 19}) nearest.push_back((node + offset) % 20);
    std::ranges::sort(nearest);
    EXPECT_EQ(list(graph.neighbors(node)), nearest);
  }
}

TEST(SmallWorld, LeavesEachNodeItsNearEndsWhenAllIsRewired) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    EXPECT_GE(
        inspect(*make_graph(R"({"type": "small_world", "k": 6, "beta": 1})", 60, seed)).degree_min,
        3);
  }
}

TEST(SmallWorld, RewiresAsManyEdgesAsBetaSays) {
  // Of 40,000 lattice edges, 0.2 leave the lattice (but for the 8 in 10,000 drawn onto it).
  const Graph graph = small_world(10'000, 8, 0.2);
  int shortcuts = 0;
  for (const auto& [a, b] : edges_of(graph)) shortcuts += std::min(b - a, a + 10'000 - b) > 4;
  EXPECT_NEAR(shortcuts / 40'000.0, 0.2, 0.01);  // 5 standard deviations
}

TEST(SmallWorld, FillsUpToTheCompleteGraph) {
  EXPECT_EQ(small_world(7, 6, 1).edges(), 21);
  EXPECT_EQ(small_world(3, 2, 0.5).edges(), 3);
}

TEST(SmallWorld, IsAFunctionOfTheSeed) {
  EXPECT_EQ(edges_of(small_world(50, 4, 0.3, 7)), edges_of(small_world(50, 4, 0.3, 7)));
  EXPECT_NE(edges_of(small_world(50, 4, 0.3, 7)), edges_of(small_world(50, 4, 0.3, 8)));
}

TEST(SmallWorld, SaysWhatIsWrongWithItsOptions) {
  EXPECT_EQ(message_of<ConfigError>([] { small_world(6, 6, 0.1); }),
            "/graph/k: must be below the number of nodes, 6, got 6");
  EXPECT_EQ(message_of<ConfigError>([] { small_world(6, 3, 0.1); }),
            "graph: /k: must be even, half of it on each side, got 3");
}

}  // namespace
}  // namespace kith
