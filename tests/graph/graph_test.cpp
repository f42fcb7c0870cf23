#include "graph/graph.h"

#include "graph/graph_testing.h"

namespace kith {
namespace {

using Uids = std::vector<Uid>;

const std::vector<Edge> kPath{{2, 1}, {0, 1}, {3, 2}};

TEST(Graph, ListsNeighborsInAscendingOrder) {
  const Graph graph = Graph::undirected(4, kPath);
  EXPECT_EQ(list(graph.neighbors(0)), Uids({1}));
  EXPECT_EQ(list(graph.neighbors(1)), Uids({0, 2}));
  EXPECT_EQ(list(graph.neighbors(2)), Uids({1, 3}));
  EXPECT_EQ(graph.degree(2), 2);
  EXPECT_EQ(graph.edges(), 3);
  EXPECT_FALSE(graph.is_directed());
}

TEST(Graph, CountsAnEdgeOnceHoweverOftenItIsGiven) {
  const Graph graph = Graph::undirected(3, std::vector<Edge>{{0, 1}, {1, 0}, {0, 1}, {1, 2}});
  EXPECT_EQ(graph.edges(), 2);
  EXPECT_EQ(list(graph.neighbors(1)), Uids({0, 2}));
}

TEST(Graph, TellsSendersFromReceiversWhenDirected) {
  const Graph graph = Graph::directed(3, std::vector<Edge>{{0, 1}, {0, 2}, {2, 0}});
  EXPECT_TRUE(graph.is_directed());
  EXPECT_EQ(list(graph.receivers(0)), Uids({1, 2}));
  EXPECT_EQ(list(graph.senders(0)), Uids({2}));
  EXPECT_EQ(list(graph.senders(1)), Uids({0}));
  EXPECT_EQ(graph.edges(), 3);
}

TEST(Graph, IsUndirectedWhenEveryEdgeGoesBothWays) {
  const Graph graph = Graph::directed(3, std::vector<Edge>{{0, 1}, {1, 0}, {2, 1}, {1, 2}});
  EXPECT_FALSE(graph.is_directed());
  EXPECT_EQ(graph.edges(), 2);
}

TEST(Graph, IsConnectedWhenEveryNodeReachesEveryOther) {
  EXPECT_TRUE(Graph::undirected(4, kPath).connected());
  EXPECT_FALSE(Graph::undirected(5, kPath).connected());
  EXPECT_TRUE(Graph::undirected(1, {}).connected());
  EXPECT_FALSE(Graph::undirected(2, {}).connected());
  EXPECT_TRUE(Graph::directed(3, std::vector<Edge>{{0, 1}, {1, 2}, {2, 0}}).connected());
  // Node 0 reaches all, but hears nobody.
  EXPECT_FALSE(Graph::directed(3, std::vector<Edge>{{0, 1}, {1, 2}, {2, 1}}).connected());
  // All reach node 0, which reaches nobody.
  EXPECT_FALSE(Graph::directed(3, std::vector<Edge>{{1, 0}, {2, 0}, {2, 1}, {1, 2}}).connected());
}

}  // namespace
}  // namespace kith
