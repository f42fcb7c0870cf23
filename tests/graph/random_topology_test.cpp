#include <cmath>
#include <numbers>

#include "graph/graph_testing.h"
#include "graph/shape.h"

namespace kith {
namespace {

Graph graph_of(const std::string& kind, const std::string& options, int nodes,
               std::uint64_t seed = 1) {
  return make_matrix(R"({"type": ")" + kind + R"(", )" + options + "}", nodes, seed).graph;
}

std::vector<std::pair<Uid, Uid>> directed_edges_of(const Graph& graph) {
  std::vector<std::pair<Uid, Uid>> edges;
  for (Uid node = 0; node < graph.nodes(); ++node) {
    for (const Uid sender : graph.senders(node)) edges.emplace_back(sender, node);
  }
  return edges;
}

struct Kind {
  const char* type;
  const char* options;
};

const Kind kKinds[] = {{"erdos_renyi", R"("p": 0.15)"},
                       {"barabasi_albert", R"("m": 2)"},
                       {"geometric", R"("radius": 0.35)"},
                       {"equistatic", R"("degree": 3)"},
                       {"equistatic", R"("degree": 3, "directed": true)"}};

TEST(RandomGraph, IsConnectedAndAFunctionOfTheSeed) {
  for (const auto& [type, options] : kKinds) {
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
      EXPECT_TRUE(graph_of(type, options, 40, seed).connected()) << type;
    }
    const auto edges = [&, type = type, options = options](std::uint64_t seed) {
      return directed_edges_of(graph_of(type, options, 40, seed));
    };
    EXPECT_EQ(edges(7), edges(7)) << type;
    EXPECT_NE(edges(7), edges(8)) << type;
  }
}

TEST(RandomGraph, OfOneNodeKeepsToItself) {
  for (const auto& [type, options] : kKinds) {
    if (type == std::string("barabasi_albert")) continue;
    EXPECT_EQ(
        make_matrix(R"({"type": ")" + std::string(type) + R"(", )" + options + "}", 1).self_weights,
        std::vector<double>({1}))
        << type;
  }
}

TEST(ErdosRenyi, JoinsEveryPairAsOftenAsPSays) {
  // At p = 1/2, of 6 nodes, conditioning on connectedness is mild: what it does is known exactly.
  // 26704 of the 2^15 labeled graphs are connected, with 214,200 edges in all: 0.53475 of a pair.
  constexpr int kDraws = 4'000;
  std::map<std::pair<Uid, Uid>, int> counts;
  for (int seed = 0; seed < kDraws; ++seed) {
    for (const auto& edge :
         edges_of(graph_of("erdos_renyi", R"("p": 0.5)", 6, std::uint64_t(seed)))) {
      ++counts[edge];
    }
  }
  ASSERT_EQ(counts.size(), 15u);
  for (const auto& [edge, count] : counts) {
    EXPECT_NEAR(count / double(kDraws), 214'200.0 / 15 / 26'704, 0.032);  // 4 standard errors
  }
}

TEST(ErdosRenyi, HasTheBinomialsNumberOfEdgesWhenLargeAndSparse) {
  constexpr double kPairs = 20'000 * 19'999.0 / 2;
  constexpr double kP = 0.001;
  const auto edges = double(graph_of("erdos_renyi", R"("p": 0.001)", 20'000).edges());
  EXPECT_NEAR(edges, kPairs * kP, 4 * std::sqrt(kPairs * kP));
}

TEST(ErdosRenyi, IsCompleteAtOne) {
  EXPECT_EQ(graph_of("erdos_renyi", R"("p": 1)", 7).edges(), 21);
}

/// The number at the end of the message with which `draw` fails.
template <class Draw>
double remedy(Draw draw) {
  const std::string message = message_of<ConfigError>(draw);
  return std::stod(message.substr(message.rfind(' ') + 1));
}

TEST(ErdosRenyi, SaysWhichPWouldConnectIt) {
  for (const int nodes : {10, 100, 2'000}) {
    const double p = remedy([&] { graph_of("erdos_renyi", R"("p": 1e-5)", nodes); });
    EXPECT_NEAR(p, 1.05 * std::log(nodes) / nodes, 0.06 * std::log(nodes) / nodes);
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      EXPECT_TRUE(graph_of("erdos_renyi", R"("p": )" + json_number(p), nodes, seed).connected());
    }
  }
  EXPECT_EQ(message_of<ConfigError>([] { graph_of("erdos_renyi", R"("p": 1e-300)", 1'000); }),
            "/graph/p: no random graph of 1000 nodes with p 1e-300 was connected; take p of ln n / "
            "n or more: 0.0073");
}

TEST(BarabasiAlbert, HasAllTheEdgesThatItsNodesBrought) {
  for (const auto& [nodes, m] : {std::pair(2, 1), {10, 1}, {10, 9}, {200, 5}}) {
    const Graph graph =
        graph_of("barabasi_albert", R"("m": )" + std::to_string(m), nodes, std::uint64_t(m));
    EXPECT_EQ(graph.edges(), m * (nodes - m));
    EXPECT_TRUE(graph.connected());
    for (auto node = static_cast<Uid>(m + 1); node < nodes; ++node)
      EXPECT_GE(graph.degree(node), m);
  }
}

TEST(BarabasiAlbert, HasThePowerLawsTail) {
  // In the limit, degree k has probability 2 m (m + 1) / (k (k + 1) (k + 2)), so that
  // m (m + 1) / (k (k + 1)) of the nodes have degree k or more.
  const auto histogram = degree_histogram(graph_of("barabasi_albert", R"("m": 2)", 10'001));
  double tail = 0;
  for (const auto& [degree, nodes] : histogram) tail += degree >= 10 ? double(nodes) : 0;
  EXPECT_NEAR(tail / 10'001, 6.0 / 110, 0.01);
  EXPECT_GT(histogram.rbegin()->first, 100);  // hubs of degree about m √n
}

TEST(BarabasiAlbert, RefusesMoreEdgesThanNodes) {
  EXPECT_EQ(message_of<ConfigError>([] { graph_of("barabasi_albert", R"("m": 4)", 4); }),
            "/graph/m: must be below the number of nodes, 4, got 4");
}

TEST(Geometric, HasTheDegreesOfItsDisks) {
  // Two uniform points of the unit square are within r with probability π r² − 8 r³/3 + r⁴/2.
  constexpr double kRadius = 0.1;
  const double p = std::numbers::pi * kRadius * kRadius - 8 * std::pow(kRadius, 3) / 3 +
                   std::pow(kRadius, 4) / 2;
  const Graph graph = graph_of("geometric", R"("radius": 0.1)", 1'500);
  EXPECT_NEAR(2 * double(graph.edges()) / 1'500, 1'499 * p, 2);
  EXPECT_NEAR(*clustering(graph), 1 - 3 * std::sqrt(3) / 4 / std::numbers::pi, 0.04);
}

TEST(Geometric, FindsTheSamePairsWhateverItsCells) {
  // Beyond the diagonal all pairs are near; just below a cell's width they are found across cells.
  EXPECT_EQ(graph_of("geometric", R"("radius": 1.5)", 30).edges(), 30 * 29 / 2);
  const auto few = edges_of(graph_of("geometric", R"("radius": 0.4999999)", 50, 3));
  const auto more = edges_of(graph_of("geometric", R"("radius": 0.5000001)", 50, 3));
  EXPECT_EQ(few, more);
}

TEST(Geometric, SaysWhichRadiusWouldConnectIt) {
  for (const int nodes : {5, 100, 3'000}) {
    const double radius = remedy([&] { graph_of("geometric", R"("radius": 1e-3)", nodes); });
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      EXPECT_TRUE(
          graph_of("geometric", R"("radius": )" + json_number(radius), nodes, seed).connected());
    }
  }
}

TEST(Equistatic, IsADoublyStochasticCirculantWithTheBasissSelfWeight) {
  for (const char* directed : {"true", "false"}) {
    const auto graph = make_graph(
        R"({"type": "equistatic", "degree": 4, "directed": )" + std::string(directed) + "}", 25);
    const MixingMatrix w = matrix_of(*graph, 0);
    EXPECT_TRUE(inspect(*graph).doubly_stochastic);
    EXPECT_EQ(is_symmetric(w), directed == std::string("false"));
    for (Uid i = 0; i < 25; ++i) {
      EXPECT_NEAR(w.self_weights[std::size_t(i)], 1.0 / 25, 1e-15);
      for (const Uid j : w.graph.senders(i)) {
        EXPECT_TRUE(std::ranges::binary_search(w.graph.senders((i + 1) % 25), (j + 1) % 25));
      }
    }
    EXPECT_LE(w.graph.degree(0), directed == std::string("true") ? 4 : 8);
  }
}

TEST(Equistatic, ContractsInTheMeanAsItsBasisSays) {
  // For M independent offsets and x ⊥ 1, the eigenvalue at frequency k is ((n − 1)/n) times the
  // mean of M ω^{k a} plus 1/n; E ω^{k a} = −1/(n − 1), so that its mean is 0 and its mean square
  // ((n − 1)/n)² (1 − 1/(n − 1)²) / M, which is (n − 2)/(n M).
  constexpr int kNodes = 17;  // a prime: always connected
  double sum = 0;
  constexpr int kDraws = 2'000;
  for (int seed = 0; seed < kDraws; ++seed) {
    const MixingMatrix w = make_matrix(R"({"type": "equistatic", "degree": 3, "directed": true})",
                                       kNodes, std::uint64_t(seed));
    // ‖W − J‖² in Frobenius' norm is the sum over the n − 1 frequencies.
    double squares = -1;  // ‖J‖² = 1, and ⟨W, J⟩ = 1
    for (const double weight : w.weights) squares += weight * weight;
    for (const double weight : w.self_weights) squares += weight * weight;
    sum += squares / (kNodes - 1);
  }
  EXPECT_NEAR(sum / kDraws, 15.0 / (17 * 3), 0.01);
}

TEST(Equistatic, MixesFasterThanARingOfItsDegreeWouldWhateverItsSize) {
  for (const int nodes : {50, 250}) {
    EXPECT_LT(rho(make_matrix(R"({"type": "equistatic", "degree": 16})", nodes)), 0.85) << nodes;
  }
}

}  // namespace
}  // namespace kith
