#include "graph/graph_testing.h"

namespace kith {
namespace {

Graph regular(std::int64_t nodes, std::int64_t degree, std::uint64_t seed = 1) {
  const std::string json = R"({"type": "regular", "degree": )" + std::to_string(degree) + "}";
  return make_matrix(json, nodes, seed).graph;
}

void expect_regular(const Graph& graph, std::int64_t degree) {
  EXPECT_TRUE(graph.connected());
  EXPECT_FALSE(graph.is_directed());
  for (Uid node = 0; node < graph.nodes(); ++node) {
    ASSERT_EQ(graph.degree(node), degree) << "node " << node;  // rows hold no uid twice: simple
  }
}

TEST(Regular, IsRegularSimpleAndConnectedForEverySizeDegreeAndSeed) {
  for (std::int64_t nodes = 1; nodes <= 12; ++nodes) {
    for (std::int64_t degree = 0; degree < nodes; ++degree) {
      if (nodes * degree % 2 != 0 || degree < std::min<std::int64_t>(nodes - 1, 2)) continue;
      for (std::uint64_t seed = 0; seed < 10; ++seed) {
        SCOPED_TRACE(testing::Message() << nodes << " nodes, degree " << degree << ", " << seed);
        expect_regular(regular(nodes, degree, seed), degree);
      }
    }
  }
}

TEST(Regular, IsRegularSimpleAndConnectedWhenDense) {
  for (const std::int64_t degree : {49, 50, 51, 97, 98, 99}) {
    expect_regular(regular(100, degree), degree);
  }
}

TEST(Regular, IsRegularSimpleAndConnectedWhenLarge) {
  expect_regular(regular(20'000, 3), 3);
  expect_regular(regular(20'000, 2), 2);
}

TEST(Regular, IsAFunctionOfTheSeed) {
  EXPECT_EQ(edges_of(regular(30, 4, 7)), edges_of(regular(30, 4, 7)));
  EXPECT_NE(edges_of(regular(30, 4, 7)), edges_of(regular(30, 4, 8)));
}

TEST(Regular, DrawsEveryEdgeEquallyOften) {
  EdgeCounts counts(10, 3);
  for (int seed = 0; seed < 10'000; ++seed) counts.add(regular(10, 3, std::uint64_t(seed)));
  EXPECT_EQ(counts.freedom(), 35);
  EXPECT_LT(counts.chi(), kChi35);
  // One draw in fifty that is always the same graph would be noticed.
  for (int draw = 0; draw < 200; ++draw) counts.add(regular(10, 3, 0));
  EXPECT_GT(counts.chi(), kChi35);
}

TEST(Regular, DrawsTheTwoGraphsOfSixNodesAndDegreeThreeInTheirTrueProportion) {
  // Of the 70 labeled cubic graphs on 6 nodes, 10 are K_{3,3}, which has no triangle, and 60
  // prisms.
  constexpr int kDraws = 4'000;
  int bipartite = 0;
  for (int seed = 0; seed < kDraws; ++seed) {
    const Graph graph = regular(6, 3, std::uint64_t(seed));
    bool triangle = false;
    for (const auto& [a, b] : edges_of(graph)) {
      for (const Uid c : graph.neighbors(a)) {
        triangle |= std::ranges::binary_search(graph.neighbors(b), c);
      }
    }
    bipartite += !triangle;
  }
  EXPECT_NEAR(bipartite / double(kDraws), 1.0 / 7, 0.03);
}

struct Case {
  std::int64_t nodes, degree;
  const char* message;
};

TEST(Regular, SaysWhyADegreeCannotBe) {
  const Case cases[] = {
      {15, 3,
       "/graph/degree: nodes times degree must be even, got 15 times 3; 14 or 16 nodes or degree 2 "
       "or 4 would work"},
      {3, 1,
       "/graph/degree: nodes times degree must be even, got 3 times 1; 2 or 4 nodes or degree 2 "
       "would work"},
      {16, 16, "/graph/degree: must be below the number of nodes, 16, got 16"},
      {16, 1, "/graph/degree: must be at least 2 to connect 16 nodes, got 1"},
      {2, 0, "/graph/degree: must be at least 1 to connect 2 nodes, got 0"},
  };
  for (const auto& [nodes, degree, message] : cases) {
    EXPECT_EQ(message_of<ConfigError>([&] { regular(nodes, degree); }), message);
  }
}

}  // namespace
}  // namespace kith
