#include "graph/weights.h"

#include <cmath>
#include <numbers>

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

TEST(ColumnStochastic, KeepsTheSumOfADirectedGraph) {
  const Graph graph = Graph::directed(3, std::vector<Edge>{{0, 1}, {0, 2}, {1, 0}, {2, 0}, {1, 2}});
  const MixingMatrix w = make_weights(R"("column_stochastic")")->on(graph);
  EXPECT_EQ(row(w, 2), std::vector<double>({1.0 / 3, 1.0 / 3}));
  EXPECT_EQ(w.self_weights, std::vector<double>({1.0 / 3, 1.0 / 3, 0.5}));
  const GraphInfo info =
      inspect(*make_graph(R"({"type": "star", "weights": "column_stochastic"})", 5));
  EXPECT_TRUE(info.column_stochastic);
  EXPECT_FALSE(info.row_stochastic);
}

double rho_of(const std::string& kind, const std::string& weights, int nodes) {
  return rho(make_matrix(R"({"type": )" + kind + R"(, "weights": ")" + weights + R"("})", nodes));
}

TEST(BestConstant, MixesAsItsClosedFormsSay) {
  for (const int n : {3, 8, 25}) {
    EXPECT_NEAR(rho_of(R"("chain")", "best_constant", n), std::cos(std::numbers::pi / n), 1e-13);
    // Of a star, l_2 = 1 and l_n = n.
    EXPECT_NEAR(rho_of(R"("star")", "best_constant", n), (n - 1.0) / (n + 1), 1e-13);
  }
  EXPECT_NEAR(rho_of(R"("ring")", "best_constant", 8), 0.7445208382054345, 1e-14);
}

TEST(BestConstant, IsNotBeatenByAnyOtherConstant) {
  const Graph graph = make_matrix(R"({"type": "small_world", "k": 4, "beta": 0.3})", 30).graph;
  const MixingMatrix best = make_weights(R"("best_constant")")->on(graph);
  for (const double factor : {0.9, 0.999, 1.001, 1.1}) {
    const double weight = factor * best.weights[0];
    EXPECT_GT(rho(stochastic_matrix(graph, [weight](Uid, Uid) { return weight; })), rho(best));
  }
}

TEST(BestConstant, IsFoundForLargeGraphs) {
  constexpr int kNodes = 1'600;
  const double angle = std::numbers::pi / kNodes;
  // Of a chain, l_2 + l_n = 4, hence a = 1/2.
  const MixingMatrix w = make_matrix(R"({"type": "chain", "weights": "best_constant"})", kNodes);
  EXPECT_NEAR(w.weights[0], 0.5, 1e-12);
  EXPECT_NEAR(*spectrum(w).spectral_gap, 1 - std::cos(angle), 1e-12);
}

TEST(Fdla, IsBestConstantWhereAllEdgesLookAlike) {
  for (const auto& [kind, nodes] : {std::pair(R"("ring")", 9),
                                    {R"("star")", 7},
                                    {R"("hypercube")", 8},
                                    {R"("complete_bipartite")", 8},
                                    {R"("torus", "rows": 4)", 16}}) {
    EXPECT_NEAR(rho_of(kind, "fdla", nodes), rho_of(kind, "best_constant", nodes), 1e-6) << kind;
  }
}

TEST(Fdla, IsNeverSlowerThanTheOthersAndFasterWhereEdgesDiffer) {
  for (const auto& [kind, nodes] : {std::pair(R"("binary_tree")", 15),
                                    {R"("grid")", 12},
                                    {R"("chain")", 2},
                                    {R"("chain")", 1},
                                    {R"("complete")", 5},
                                    {R"("social", "seed": 1)", 32},
                                    {R"("small_world", "k": 4, "beta": 0.5)", 16}}) {
    const double fastest = rho_of(kind, "fdla", nodes);
    EXPECT_LE(fastest, rho_of(kind, "best_constant", nodes)) << kind;
    EXPECT_LE(fastest, rho_of(kind, "metropolis_hastings", nodes)) << kind;
  }
  EXPECT_LT(rho_of(R"("binary_tree")", "fdla", 15),
            rho_of(R"("binary_tree")", "best_constant", 15) - 0.003);
}

TEST(Fdla, IsOptimalOnTwoTrianglesThatShareAnEdge) {
  // By symmetry, two numbers decide: a on the shared edge, b on the four others. The eigenvalues
  // but 1 are 1 − 2b (twice, once with 2a more) and 1 − 4b: b = 1/3, and a = 0 is as good as any
  // that keeps |1 − 2b − 2a| below.
  const Graph graph =
      Graph::undirected(4, std::vector<Edge>{{0, 1}, {0, 2}, {0, 3}, {1, 2}, {1, 3}});
  EXPECT_NEAR(rho(make_weights(R"("fdla")")->on(graph)), 1.0 / 3, 1e-8);
}

TEST(Fdla, SatisfiesItsOptimalityConditions) {
  // No small step of any edge's weight, nor of all of them towards other rules, mixes faster.
  const Graph graph = make_matrix(R"({"type": "grid", "rows": 3})", 12).graph;
  const MixingMatrix best = make_weights(R"("fdla")")->on(graph);
  const double optimum = rho(best);
  for (const char* name : {R"("metropolis_hastings")", R"("max_degree")", R"("lazy")"}) {
    MixingMatrix towards = make_weights(name)->on(graph);
    for (std::size_t k = 0; k < best.weights.size(); ++k) {
      towards.weights[k] = 0.99 * best.weights[k] + 0.01 * towards.weights[k];
    }
    for (std::size_t i = 0; i < best.self_weights.size(); ++i) {
      towards.self_weights[i] = 0.99 * best.self_weights[i] + 0.01 * towards.self_weights[i];
    }
    EXPECT_GT(rho(towards), optimum - 1e-8) << name;
  }
}

TEST(Fdla, RefusesGraphsThatAreTooLarge) {
  EXPECT_EQ(message_of<ConfigError>([] { rho_of(R"("ring")", "fdla", 300); }),
            "/graph/weights: fdla is found for up to 200 nodes and 2000 edges, got 300 and 300; "
            "use best_constant or metropolis_hastings");
}

TEST(Weights, AreDoublyStochasticOnIrregularGraphsIfTheySaySo) {
  for (const char* name : {R"("metropolis_hastings")", R"("max_degree")", R"("lazy")",
                           R"("best_constant")", R"("fdla")"}) {
    const auto graph = make_graph(
        R"({"type": "small_world", "k": 4, "beta": 0.4, "weights": )" + std::string(name) + "}",
        30);
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
            "node 2, which does not send back; use neighborhood_mean or column_stochastic, or a "
            "JSON file with its own weights");
}

}  // namespace
}  // namespace kith
