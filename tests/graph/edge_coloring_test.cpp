#include "graph/edge_coloring.h"

#include <set>

#include "core/random.h"
#include "graph/graph_testing.h"

namespace kith {
namespace {

std::int64_t largest_degree(const Graph& graph) {
  std::int64_t most = 0;
  for (Uid node = 0; node < graph.nodes(); ++node) most = std::max(most, graph.degree(node));
  return most;
}

/// Every edge in exactly one matching, and no node twice in any.
void expect_matchings(const Graph& graph) {
  std::vector<std::pair<Uid, Uid>> edges;
  for (const auto& matching : matchings_of(graph)) {
    std::set<Uid> touched;
    for (const auto [a, b] : matching) {
      edges.emplace_back(a, b);
      EXPECT_TRUE(touched.insert(a).second && touched.insert(b).second);
    }
  }
  std::ranges::sort(edges);
  EXPECT_EQ(edges, edges_of(graph));
}

Graph random_graph(Uid nodes, double density, Random& random, bool bipartite) {
  std::vector<Edge> edges;
  for (Uid a = 0; a < nodes; ++a) {
    for (Uid b = a + 1; b < nodes; ++b) {
      if (bipartite && (a - b) % 2 == 0) continue;
      if (random.uniform() < density) edges.push_back({a, b});
    }
  }
  return Graph::undirected(nodes, edges);
}

TEST(EdgeColoring, CutsAnyGraphIntoAtMostOneMatchingMoreThanItsDegree) {
  Random random(1, Purpose::kGraph);
  for (int draw = 0; draw < 300; ++draw) {
    const auto nodes = Uid(2 + random.below(12));
    const Graph graph = random_graph(nodes, random.uniform(), random, false);
    expect_matchings(graph);
    EXPECT_LE(std::int64_t(matchings_of(graph).size()), largest_degree(graph) + 1);
  }
}

TEST(EdgeColoring, CutsABipartiteGraphIntoAsManyMatchingsAsItsDegree) {
  Random random(2, Purpose::kGraph);
  for (int draw = 0; draw < 200; ++draw) {
    const Graph graph = random_graph(Uid(2 + random.below(12)), random.uniform(), random, true);
    expect_matchings(graph);
    EXPECT_EQ(std::int64_t(matchings_of(graph).size()), largest_degree(graph));
  }
}

TEST(EdgeColoring, NeedsThreeColorsForAnOddRingAndNForAnOddCompleteGraph) {
  EXPECT_EQ(matchings_of(make_matrix(R"("ring")", 7).graph).size(), 3u);
  EXPECT_EQ(matchings_of(make_matrix(R"("ring")", 8).graph).size(), 2u);
  for (const std::int64_t n : {3, 5, 9, 15}) {
    const Graph complete = make_matrix(R"("complete")", n).graph;
    expect_matchings(complete);
    EXPECT_EQ(std::int64_t(matchings_of(complete).size()), n);
  }
  EXPECT_TRUE(matchings_of(Graph::undirected(3, {})).empty());
}

}  // namespace
}  // namespace kith
