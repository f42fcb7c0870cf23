#include "graph/analysis.h"

#include <cmath>
#include <numbers>

#include "graph/graph_testing.h"
#include "graph/shape.h"
#include "graph/sparse_spectrum.h"
#include "graph/stored_schedule.h"

namespace kith {
namespace {

TEST(Inspect, TellsTheShapeOfAGraph) {
  const GraphInfo info = inspect(*make_graph(R"("star")", 6));
  EXPECT_EQ(info.nodes, 6);
  EXPECT_EQ(info.edges, 5);
  EXPECT_EQ(info.period, 1);
  EXPECT_EQ(info.degree_min, 1);
  EXPECT_DOUBLE_EQ(info.degree_mean, 10.0 / 6);
  EXPECT_EQ(info.degree_max, 5);
  EXPECT_TRUE(info.connected);
  EXPECT_EQ(info.components, 1);
  EXPECT_EQ(info.diameter, 2);
  EXPECT_FALSE(info.directed);
}

TEST(Inspect, CountsComponents) {
  const Graph graph = Graph::undirected(6, std::vector<Edge>{{0, 1}, {2, 3}, {3, 4}});
  const StoredSchedule schedule(graph, {6, 1, nullptr});
  const GraphInfo info = inspect(schedule);
  EXPECT_EQ(info.components, 3);
  EXPECT_FALSE(info.connected);
  EXPECT_FALSE(info.diameter.has_value());
  EXPECT_NEAR(*info.spectrum.spectral_gap, 0, 1e-14);
}

TEST(Inspect, FindsTheDiameterOfARing) {
  EXPECT_EQ(inspect(*make_graph(R"("ring")", 11)).diameter, 5);
  EXPECT_EQ(inspect(*make_graph(R"("ring")", 1)).diameter, 0);
}

TEST(Inspect, CountsTheNodesOfEachDegree) {
  EXPECT_EQ(inspect(*make_graph(R"("star")", 6)).degree_histogram,
            (std::map<std::int64_t, std::int64_t>{{1, 5}, {5, 1}}));
}

TEST(Inspect, MeasuresHowManyNeighborsAreNeighborsOfEachOther) {
  EXPECT_EQ(inspect(*make_graph(R"("complete")", 7)).clustering, 1);
  EXPECT_EQ(inspect(*make_graph(R"("ring")", 7)).clustering, 0);
  EXPECT_EQ(inspect(*make_graph(R"("ring")", 3)).clustering, 1);
  EXPECT_EQ(inspect(*make_graph(R"("chain")", 2)).clustering, 0);
  // A ring lattice of k neighbors: 3 (k − 2) / (4 (k − 1)).
  const auto lattice = inspect(*make_graph(R"({"type": "small_world", "k": 6, "beta": 0})", 40));
  EXPECT_NEAR(*lattice.clustering, 3 * 4 / (4 * 5.0), 1e-15);
  // A triangle with a tail: its corners have 1, 1 and 1/3, the tail 0.
  const Graph kite = Graph::undirected(4, std::vector<Edge>{{0, 1}, {1, 2}, {2, 0}, {2, 3}});
  EXPECT_NEAR(*inspect(StoredSchedule(kite, {4, 1, nullptr})).clustering, 7.0 / 12, 1e-15);
  EXPECT_FALSE(inspect(*make_graph(R"("exponential")", 16)).clustering.has_value());
}

TEST(Inspect, BoundsTheDiameterOfALargeGraph) {
  const auto large = [](const char* json, int nodes) {
    return diameter(make_matrix(json, nodes).graph);
  };
  const DiameterBounds chain = large(R"("chain")", 20'001);
  EXPECT_EQ(chain.lower, 20'000);
  EXPECT_EQ(chain.upper, 20'000);
  const DiameterBounds star = large(R"("star")", 20'000);
  EXPECT_EQ(star.lower, 2);
  EXPECT_EQ(star.upper, 2);
  const DiameterBounds cube = large(R"("hypercube")", 1 << 14);
  EXPECT_EQ(cube.lower, 14);
  EXPECT_GE(cube.upper, 14);
  EXPECT_LE(cube.upper, 28);
}

TEST(Inspect, CountsTheRoundsToConsensus) {
  // The ring of four has ρ = 1/3: 3^-7 > 1e-3 ≥ 3^-6.3.
  EXPECT_EQ(inspect(*make_graph(R"("ring")", 4)).rounds_to_consensus, 7);
  EXPECT_EQ(inspect(*make_graph(R"("complete")", 4)).rounds_to_consensus, 1);
  const Graph apart = Graph::undirected(4, std::vector<Edge>{{0, 1}, {2, 3}});
  EXPECT_FALSE(inspect(StoredSchedule(apart, {4, 1, nullptr})).rounds_to_consensus.has_value());
}

/// Round t of period τ: node i and i xor 2^t take their mean.
StoredSchedule hypercube_rounds(int dimension) {
  std::vector<MixingMatrix> period;
  for (Uid bit = 1; bit < 1 << dimension; bit *= 2) {
    std::vector<Edge> edges;
    for (Uid i = 0; i < 1 << dimension; ++i) edges.push_back({i, i ^ bit});
    period.push_back(
        stochastic_matrix(Graph::undirected(1 << dimension, edges), [](Uid, Uid) { return 0.5; }));
  }
  return StoredSchedule(std::move(period));
}

TEST(PeriodOfGossip, IsZeroWhereAPeriodAveragesExactly) {
  for (const int dimension : {3, 7}) {  // a dense and an iterative norm
    const GraphInfo info = inspect(hypercube_rounds(dimension));
    EXPECT_LT(*info.product_distance, 1e-14);
    EXPECT_EQ(info.rounds_to_consensus, dimension);
    EXPECT_FALSE(info.connected);
  }
}

TEST(PeriodOfGossip, OfARepeatedMatrixIsAPowerOfItsRho) {
  for (const int nodes : {12, 120}) {
    const MixingMatrix w = make_matrix(R"("star")", nodes);
    const StoredSchedule thrice(std::vector<MixingMatrix>(3, w));
    const double rho = 1 - 1.0 / nodes;
    EXPECT_NEAR(*period_of_gossip(thrice).distance, rho * rho * rho, 1e-9);
  }
  EXPECT_FALSE(period_of_gossip(*make_graph(R"("ring")", 5)).distance.has_value());
}

TEST(PeriodOfGossip, TellsTheRoundsOfASchedule) {
  const StoredSchedule twice(std::vector<MixingMatrix>(2, make_matrix(R"("ring")", 4)));
  EXPECT_NEAR(*period_of_gossip(twice).distance, 1.0 / 9, 1e-15);
  EXPECT_EQ(inspect(twice).rounds_to_consensus, 8);
}

TEST(PeriodOfGossip, EndsWithTheFirstRoundThatIsEnough) {
  // 3^-7 < 1e-3 < 3^-6; the period is longer.
  const StoredSchedule tenfold(std::vector<MixingMatrix>(10, make_matrix(R"("ring")", 4)));
  EXPECT_EQ(period_of_gossip(tenfold).enough, 7);
  EXPECT_EQ(inspect(tenfold).rounds_to_consensus, 7);
  EXPECT_NEAR(*period_of_gossip(tenfold).distance, std::pow(3.0, -10), 1e-15);
}

TEST(PeriodOfGossip, OfManyNodesIsFoundWithoutTheProduct) {
  const StoredSchedule thrice(std::vector<MixingMatrix>(3, make_matrix(R"("exponential")", 2'100)));
  const PeriodOfGossip period = period_of_gossip(thrice);
  EXPECT_NEAR(*period.distance, std::pow(1 - 2.0 / 13, 3), 1e-9);
  EXPECT_EQ(period.disagreement, period.distance);
  EXPECT_FALSE(period.enough.has_value());
  const PeriodOfGossip exact = period_of_gossip(*make_graph(R"("one_peer_exponential")", 4'096));
  EXPECT_LT(*exact.distance, 1e-12);
  EXPECT_EQ(exact.enough, 12);
  // The product of circulants has the eigenvalues Π_t cos(π m 2^t / n) = sin(2^τ α) / (2^τ sin α),
  // α = π m / n, in absolute value.
  constexpr int kNodes = 3'000, kPower = 4'096;
  double largest = 0;
  for (int m = 1; m < kNodes; ++m) {
    const double angle = std::numbers::pi * m / kNodes;
    largest = std::max(largest, std::abs(std::sin(kPower * angle) / (kPower * std::sin(angle))));
  }
  EXPECT_NEAR(*period_of_gossip(*make_graph(R"("one_peer_exponential")", kNodes)).distance, largest,
              1e-9);
}

TEST(PeriodOfGossip, MayLeaveNoDisagreementFarFromTheMean) {
  for (const Uid nodes : {5, 2'500}) {
    // Everybody takes over the model of node 0: W = 1 e_0ᵀ, ‖W − J‖ = √n ‖e_0 − 1/n‖.
    std::vector<Weight> entries;
    for (Uid i = 0; i < nodes; ++i) entries.push_back({i, 0, 1});
    const StoredSchedule twice(std::vector<MixingMatrix>(2, mixing_matrix(nodes, entries)));
    const PeriodOfGossip period = period_of_gossip(twice);
    EXPECT_NEAR(*period.distance, std::sqrt(nodes - 1.0), 1e-9);
    EXPECT_LT(*period.disagreement, 1e-14);
    EXPECT_EQ(inspect(twice).rounds_to_consensus, nodes == 5 ? 1 : 2);
  }
}

TEST(Inspect, TellsTheShapeOfAGraphWithoutWeights) {
  const GraphInfo info = inspect(make_matrix(R"("exponential")", 8).graph);
  EXPECT_FALSE(info.has_weights);
  EXPECT_TRUE(info.directed && info.connected);
  EXPECT_EQ(info.edges, 24);
  EXPECT_EQ(info.diameter, 3);
}

TEST(Inspect, TellsWhatAMatrixKeeps) {
  const GraphInfo mean =
      inspect(*make_graph(R"({"type": "star", "weights": "neighborhood_mean"})", 4));
  EXPECT_FALSE(mean.symmetric);
  EXPECT_TRUE(mean.row_stochastic);
  EXPECT_FALSE(mean.column_stochastic);
  EXPECT_FALSE(mean.spectrum.lambda_min.has_value());
  const GraphInfo metropolis = inspect(*make_graph(R"("star")", 4));
  EXPECT_TRUE(metropolis.symmetric);
  EXPECT_TRUE(metropolis.doubly_stochastic);
}

TEST(Spectrum, OfADirectedMatrixIsThatOfItsSingularValues) {
  for (const int n : {8, 16, 64}) {
    EXPECT_NEAR(rho(make_matrix(R"("exponential")", n)), 1 - 2 / (1 + std::log2(n)), 1e-12) << n;
  }
}

TEST(Spectrum, OfAMatrixThatIsNotSymmetricKeepsAllItsDigits) {
  // Exact averaging but for 3e-12.
  const std::vector<Weight> entries{
      {0, 0, 0.5}, {0, 1, 0.5}, {1, 0, 0.5 + 3e-12}, {1, 1, 0.5 - 3e-12}};
  EXPECT_NEAR(rho(mixing_matrix(2, entries)), 3e-12 * std::numbers::sqrt2, 1e-15);
}

TEST(Spectrum, OfALargeMatrixIsTheSameAsTheClosedForm) {
  EXPECT_NEAR(rho(make_matrix(R"("exponential")", 1'600)), 1 - 2.0 / 12, 1e-9);
  const Spectrum star = spectrum(make_matrix(R"("star")", 1'600));
  EXPECT_NEAR(*star.spectral_gap, 1 / 1'600.0, 1e-9);
  EXPECT_NEAR(*star.lambda_min, 0, 1e-9);
}

TEST(Spectrum, OfALargeGraphWhoseEigenvaluesCrowdIsFoundToTheLastDigits) {
  constexpr int kNodes = 1'601;
  const double angle = 2 * std::numbers::pi / kNodes;
  const Spectrum ring = spectrum(make_matrix(R"("ring")", kNodes));
  EXPECT_NEAR(*ring.spectral_gap, 2 * (1 - std::cos(angle)) / 3, 1e-13);
  EXPECT_NEAR(*ring.lambda_min, (1 - 2 * std::cos(angle / 2)) / 3, 1e-12);
  const Spectrum torus = spectrum(make_matrix(R"({"type": "torus", "rows": 40})", 40 * 41));
  EXPECT_NEAR(*torus.spectral_gap, 2 * (1 - std::cos(2 * std::numbers::pi / 41)) / 5, 1e-13);
  const Spectrum mean =
      spectrum(make_matrix(R"({"type": "ring", "weights": "best_constant"})", 1'600));
  EXPECT_NEAR(*mean.lambda_min, *mean.spectral_gap - 1, 1e-12);
}

TEST(Spectrum, OfALargeGraphWithFewEigenvaluesIsTheSameAsTheClosedForm) {
  const auto gap = [](const char* graph, std::int64_t nodes) {
    return spectrum(make_matrix(graph, nodes)).spectral_gap.value();
  };
  EXPECT_NEAR(gap(R"("complete")", 1'600), 1, 1e-9);
  EXPECT_NEAR(gap(R"({"type": "complete", "weights": "lazy"})", 1'600), 0.5, 1e-9);
  EXPECT_NEAR(gap(R"("complete_bipartite")", 1'600), 2 / 801.0, 1e-9);
  EXPECT_NEAR(gap(R"("star")", 100'000), 1e-5, 1e-9);
  EXPECT_NEAR(gap(R"("hypercube")", 1 << 11), 2 / 12.0, 1e-9);
  EXPECT_NEAR(gap(R"("hypercube")", 1 << 16), 2 / 17.0, 1e-9);
}

TEST(Spectrum, IsTheSameByAllThreeWays) {
  const char* const graphs[] = {
      R"({"type": "barabasi_albert", "m": 2, "weights": "max_degree"})",
      R"({"type": "regular", "degree": 4})",
      R"({"type": "small_world", "k": 4, "beta": 0.05, "weights": "lazy"})",
  };
  for (const char* graph : graphs) {
    const MixingMatrix w = make_matrix(graph, 1'000);
    const Spectrum dense = spectrum(w);
    double top = -1, bottom = 1;
    for (const auto way : {lanczos_end, factorized_end, conjugate_gradient_end}) {
      top = way(w, End::kTop).value();
      bottom = way(w, End::kBottom).value();
      EXPECT_NEAR(1 - std::max(std::abs(top), std::abs(bottom)), *dense.spectral_gap, 1e-10);
      EXPECT_NEAR(bottom, *dense.lambda_min, 1e-10) << graph;
    }
  }
}

TEST(Spectrum, OfALargeGraphOfHubsAndLeavesIsFound) {
  // W = I − L / (1 + d_max): what is close to 1 crowds.
  const MixingMatrix w =
      make_matrix(R"({"type": "barabasi_albert", "m": 2, "weights": "max_degree"})", 5'000);
  const double gap = spectrum(w).spectral_gap.value();
  EXPECT_NEAR(1 - conjugate_gradient_end(w, End::kTop).value(), gap, 1e-10);
  // λ_2 of L is at most the least degree and, by Fiedler, a node's degree times n / (n − 1).
  EXPECT_GT(gap, 1e-5);
  EXPECT_LT(gap, 2.0 / double(1 + degree_histogram(w.graph).rbegin()->first));
}

TEST(Spectrum, OfALargeDirectedCycleIsThatOfItsSquare) {
  constexpr int kNodes = 5'000;
  const MixingMatrix w = matrix_of(*make_graph(R"("one_peer_exponential")", kNodes), 0);
  EXPECT_NEAR(*spectrum(w).spectral_gap, 1 - std::cos(std::numbers::pi / kNodes), 1e-13);
}

TEST(Spectrum, OfALargeGraphInPartsHasNoGap) {
  std::vector<Edge> edges;
  for (Uid i = 0; i + 1 < 1'600; ++i) {
    if (i != 800) edges.push_back({i, i + 1});
  }
  const Graph graph = Graph::undirected(1'600, edges);
  EXPECT_NEAR(*spectrum(make_weights(R"("max_degree")")->on(graph)).spectral_gap, 0, 1e-12);
}

TEST(Spectrum, OfALargeRandomGraphIsNearAlonAndBoppanasBound) {
  const MixingMatrix w = make_matrix(R"({"type": "regular", "degree": 4})", 1'600);
  // λ_2 of the adjacency matrix is close to 2 √(d − 1), hence (1 + 2 √3) / 5.
  EXPECT_NEAR(rho(w), (1 + 2 * std::numbers::sqrt3) / 5, 0.01);
}

}  // namespace
}  // namespace kith
