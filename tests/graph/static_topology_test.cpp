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

TEST(Chain, MixesAsItsClosedFormSays) {
  for (const int n : {2, 3, 8, 41}) {
    const MixingMatrix w = make_matrix(R"("chain")", n);
    EXPECT_EQ(w.graph.edges(), n - 1);
    const double of_form = n > 2 ? (1 + 2 * std::cos(std::numbers::pi / n)) / 3 : 0;
    EXPECT_NEAR(rho(w), of_form, 1e-13) << n;
  }
}

TEST(Hypercube, MixesAsItsClosedFormSays) {
  for (const int dimension : {2, 3, 6}) {
    const GraphInfo info = inspect(*make_graph(R"("hypercube")", 1 << dimension));
    EXPECT_EQ(info.degree_histogram,
              (std::map<std::int64_t, std::int64_t>{{dimension, 1 << dimension}}));
    EXPECT_EQ(info.diameter, dimension);
    EXPECT_NEAR(*info.spectrum.spectral_gap, 2.0 / (dimension + 1), 1e-13);
  }
}

TEST(Hypercube, SaysWhichSizesItComesIn) {
  EXPECT_EQ(message_of<ConfigError>([] { make_graph(R"("hypercube")", 12); }),
            "/graph: a hypercube has a power of two of nodes, got 12; take 8 or 16");
}

TEST(BinaryTree, IsATreeThatHalvesTheWayUp) {
  for (const int n : {1, 2, 7, 100}) {
    const auto graph = make_graph(R"("binary_tree")", n);
    const GraphInfo info = inspect(*graph);
    EXPECT_EQ(info.edges, n - 1);
    EXPECT_TRUE(info.connected);
    EXPECT_LE(info.degree_max, 3);
  }
  EXPECT_EQ(inspect(*make_graph(R"("binary_tree")", 15)).diameter, 6);
  EXPECT_EQ(make_graph(R"("binary_tree")", 9)->neighborhood(8, 0).receivers, std::vector<Uid>({3}));
}

TEST(CompleteBipartite, MixesAsItsClosedFormSays) {
  for (const int m : {1, 2, 4, 9}) {
    const GraphInfo info = inspect(*make_graph(R"("complete_bipartite")", 2 * m));
    EXPECT_NEAR(*info.spectrum.spectral_gap, 1 - std::max(m - 1.0, 1.0 * (m > 1)) / (m + 1), 1e-13)
        << m;
    EXPECT_NEAR(*info.spectrum.lambda_min, (1.0 - m) / (1 + m), 1e-13) << m;
  }
}

TEST(CompleteBipartite, OfOneAgainstTheRestIsAStar) {
  EXPECT_EQ(edges_of(make_matrix(R"({"type": "complete_bipartite", "left": 1})", 9).graph),
            edges_of(make_matrix(R"("star")", 9).graph));
  EXPECT_EQ(message_of<ConfigError>(
                [] { make_graph(R"({"type": "complete_bipartite", "left": 9})", 9); }),
            "/graph/left: must be below the number of nodes, 9, got 9");
}

TEST(Exponential, IsADoublyStochasticCirculantAlthoughDirected) {
  for (const int n : {1, 2, 5, 8, 33, 64}) {
    const auto graph = make_graph(R"("exponential")", n);
    const GraphInfo info = inspect(*graph);
    EXPECT_TRUE(info.doubly_stochastic) << n;
    const int doublings = static_cast<int>(std::ceil(std::log2(n)));
    EXPECT_EQ(info.degree_min, doublings);
    EXPECT_EQ(info.degree_max, doublings);
    if (n % 2 == 0) {
      EXPECT_NEAR(*info.spectrum.spectral_gap, 2.0 / (doublings + 1), 1e-13) << n;
    }
  }
}

TEST(Exponential, HearsThoseAhead) {
  const Neighborhood at = make_graph(R"("exponential")", 10)->neighborhood(9, 0);
  std::vector<Uid> senders;
  for (const auto& [uid, weight] : at.senders) {
    senders.push_back(uid);
    EXPECT_EQ(weight, 0.2);
  }
  EXPECT_EQ(senders, std::vector<Uid>({0, 1, 3, 7}));
  EXPECT_EQ(at.receivers, std::vector<Uid>({1, 5, 7, 8}));
}

TEST(Exponential, TakesOtherWeightsWhereTheyHaveAMeaning) {
  const auto with = [](const std::string& options) {
    return make_matrix(R"({"type": "exponential", )" + options + "}", 12);
  };
  EXPECT_EQ(with(R"("weights": "column_stochastic")").weights,
            make_matrix(R"("exponential")", 12).weights);
  EXPECT_NEAR(with(R"("weights": {"type": "lazy", "of": "neighborhood_mean"})").self_weights[0],
              0.6, 1e-15);
  EXPECT_NEAR(rho(with(R"("directed": false)")),
              rho(with(R"("directed": false, "weights": "metropolis_hastings")")), 1e-15);
  EXPECT_TRUE(is_symmetric(with(R"("directed": false)")));
  EXPECT_THROW(with(R"("weights": "metropolis_hastings")"), ConfigError);
}

TEST(Social, IsTheWellKnownGraph) {
  const GraphInfo info = inspect(*make_graph(R"("social")", 32));
  EXPECT_EQ(info.edges, 89);
  EXPECT_EQ(info.degree_max, 14);  // event 8
  EXPECT_EQ(info.diameter, 4);
  EXPECT_EQ(info.clustering, 0);  // bipartite
  const Graph graph = make_matrix(R"("social")", 32).graph;
  // How many women came to each event, as the table in the book has it.
  const std::int64_t guests[] = {3, 3, 6, 4, 8, 8, 10, 14, 12, 5, 4, 6, 3, 3};
  for (Uid event = 0; event < 14; ++event) EXPECT_EQ(graph.degree(18 + event), guests[event]);
  EXPECT_EQ(message_of<ConfigError>([] { make_graph(R"("social")", 16); }),
            "/graph: the social graph has 32 nodes, got 16; set nodes to 32");
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
