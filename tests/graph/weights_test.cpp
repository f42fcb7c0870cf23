#include "graph/weights.h"

#include "graph/graph_testing.h"

namespace kith {
namespace {

// A triangle with a tail: degrees 2, 2, 3, 1.
Graph kite() { return Graph::undirected(4, std::vector<Edge>{{0, 1}, {1, 2}, {2, 0}, {2, 3}}); }

std::vector<double> row(const MixingMatrix& w, Uid node) {
  return {w.row(node).begin(), w.row(node).end()};
}

TEST(MetropolisHastings, GivesAnEdgeWhatItsBusierEndCanAfford) {
  const MixingMatrix w = make_weights(R"("metropolis_hastings")")->on(kite());
  EXPECT_EQ(row(w, 0), std::vector<double>({1.0 / 3, 1.0 / 4}));
  EXPECT_EQ(row(w, 2), std::vector<double>({1.0 / 4, 1.0 / 4, 1.0 / 4}));
  EXPECT_EQ(row(w, 3), std::vector<double>({1.0 / 4}));
  EXPECT_EQ(w.self_weights[0], 1 - (1.0 / 3 + 1.0 / 4));
  EXPECT_EQ(w.self_weights[3], 0.75);
}

TEST(MaxDegree, GivesAllEdgesWhatTheBusiestNodeCanAfford) {
  const MixingMatrix w = make_weights(R"("max_degree")")->on(kite());
  for (const double weight : w.weights) EXPECT_EQ(weight, 0.25);
  EXPECT_EQ(w.self_weights, std::vector<double>({0.5, 0.5, 0.25, 0.75}));
}

TEST(NeighborhoodMean, IsThePlainMeanOfWhatANodeHears) {
  const MixingMatrix w = make_weights(R"("neighborhood_mean")")->on(kite());
  EXPECT_EQ(row(w, 2), std::vector<double>(3, 0.25));
  EXPECT_EQ(row(w, 3), std::vector<double>({0.5}));
  EXPECT_EQ(w.self_weights[3], 0.5);
}

TEST(NeighborhoodMean, CountsSendersInADirectedGraph) {
  const Graph graph = Graph::directed(3, std::vector<Edge>{{0, 2}, {1, 2}, {2, 0}});
  const MixingMatrix w = make_weights(R"("neighborhood_mean")")->on(graph);
  EXPECT_EQ(row(w, 2), std::vector<double>({1.0 / 3, 1.0 / 3}));
  EXPECT_EQ(row(w, 0), std::vector<double>({0.5}));
  EXPECT_EQ(w.self_weights[1], 1);  // hears nobody
}

TEST(Lazy, MovesEveryEigenvalueTowardsOne) {
  const Spectrum full = spectrum(make_weights(R"("metropolis_hastings")")->on(kite()));
  const Spectrum half = spectrum(make_weights(R"({"type": "lazy", "gamma": 0.5})")->on(kite()));
  EXPECT_NEAR(*half.lambda_min, 1 - 0.5 * (1 - *full.lambda_min), 1e-14);
}

TEST(Lazy, HalfOfOtherWeightsHasNoNegativeEigenvalue) {
  // The ring of 4 has eigenvalue -1/3 under Metropolis–Hastings.
  const auto ring = [](const std::string& weights) {
    return spectrum(make_matrix(R"({"type": "ring", "weights": )" + weights + "}", 4));
  };
  EXPECT_NEAR(*ring(R"("max_degree")").lambda_min, -1.0 / 3, 1e-14);
  EXPECT_GE(*ring(R"({"type": "lazy", "of": "max_degree"})").lambda_min, 0.0);
}

TEST(Weights, AreDoublyStochasticOnIrregularGraphsIfTheySaySo) {
  for (const char* name : {R"("metropolis_hastings")", R"("max_degree")", R"("lazy")"}) {
    const auto graph = make_graph(
        R"({"type": "small_world", "k": 4, "beta": 0.4, "weights": )" + std::string(name) + "}",
        60);
    const GraphInfo info = inspect(*graph);
    EXPECT_TRUE(info.symmetric) << name;
    EXPECT_TRUE(info.doubly_stochastic) << name;
  }
}

TEST(Weights, OnTheCompleteGraphAreThoseThatTheRuleGivesEdgeByEdge) {
  std::vector<Edge> edges;
  for (Uid a = 0; a < 7; ++a) {
    for (Uid b = 0; b < a; ++b) edges.push_back({a, b});
  }
  for (const std::string& name : Weights::registry().names()) {
    const auto rule = Weights::registry().standard(name).make();
    const MixingMatrix w = rule->on(Graph::undirected(7, edges));
    for (const double weight : w.weights) {
      EXPECT_NEAR(weight, rule->on_complete_graph(7), 1e-15) << name;
    }
  }
}

TEST(Weights, OnASingleNodeKeepEverything) {
  for (const std::string& name : Weights::registry().names()) {
    const MixingMatrix w = Weights::registry().standard(name).make()->on(Graph::undirected(1, {}));
    EXPECT_EQ(w.self_weights, std::vector<double>({1})) << name;
  }
}

TEST(Weights, OfUndirectedGraphsNameTheEdgeThatDoesNotComeBack) {
  const Graph graph = Graph::directed(3, std::vector<Edge>{{0, 1}, {1, 0}, {1, 2}});
  EXPECT_EQ(message_of<ConfigError>([&] { make_weights(R"("metropolis_hastings")")->on(graph); }),
            "/graph/weights: metropolis_hastings needs an undirected graph, but node 1 sends to "
            "node 2, which does not send back; use neighborhood_mean, or a JSON file with its own "
            "weights");
}

}  // namespace
}  // namespace kith
