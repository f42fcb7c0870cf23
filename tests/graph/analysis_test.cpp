#include "graph/analysis.h"

#include <cmath>
#include <numbers>

#include "graph/graph_testing.h"
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

/// Node i hears i + 2^j, all with one weight: a directed circulant.
MixingMatrix static_exponential(Uid nodes) {
  std::vector<Edge> edges;
  for (Uid i = 0; i < nodes; ++i) {
    for (Uid offset = 1; offset < nodes; offset *= 2) edges.push_back({(i + offset) % nodes, i});
  }
  return make_weights(R"("neighborhood_mean")")->on(Graph::directed(nodes, edges));
}

TEST(Spectrum, OfADirectedMatrixIsThatOfItsSingularValues) {
  for (const Uid n : {8, 16, 64}) {
    EXPECT_NEAR(rho(static_exponential(n)), 1 - 2 / (1 + std::log2(n)), 1e-12) << n;
  }
}

TEST(Spectrum, OfAMatrixThatIsNotSymmetricKeepsAllItsDigits) {
  // Exact averaging but for 3e-12.
  const std::vector<Weight> entries{
      {0, 0, 0.5}, {0, 1, 0.5}, {1, 0, 0.5 + 3e-12}, {1, 1, 0.5 - 3e-12}};
  EXPECT_NEAR(rho(mixing_matrix(2, entries)), 3e-12 * std::numbers::sqrt2, 1e-15);
}

TEST(Spectrum, OfALargeMatrixIsTheSameAsTheClosedForm) {
  EXPECT_NEAR(rho(static_exponential(1'600)), 1 - 2.0 / 12, 1e-9);
  const Spectrum star = spectrum(make_matrix(R"("star")", 1'600));
  EXPECT_NEAR(*star.spectral_gap, 1 / 1'600.0, 1e-9);
  EXPECT_NEAR(*star.lambda_min, 0, 1e-9);
}

TEST(Spectrum, OfALargeRandomGraphIsNearAlonAndBoppanasBound) {
  const MixingMatrix w = make_matrix(R"({"type": "regular", "degree": 4})", 1'600);
  // λ_2 of the adjacency matrix is close to 2 √(d − 1), hence (1 + 2 √3) / 5.
  EXPECT_NEAR(rho(w), (1 + 2 * std::numbers::sqrt3) / 5, 0.01);
}

}  // namespace
}  // namespace kith
