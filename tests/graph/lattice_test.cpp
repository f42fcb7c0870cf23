#include <cmath>
#include <numbers>

#include "graph/graph_testing.h"

namespace kith {
namespace {

std::string sides(const std::string& kind, int rows, int columns) {
  return R"({"type": ")" + kind + R"(", "rows": )" + std::to_string(rows) + R"(, "columns": )" +
         std::to_string(columns) + "}";
}

double cosine(int k, int n) { return std::cos(2 * std::numbers::pi * k / n); }

TEST(Torus, MixesAsItsClosedFormSays) {
  for (const auto& [a, b] : {std::pair(3, 3), {3, 7}, {4, 8}, {5, 5}}) {
    double rho_of_form = 0;
    for (int i = 0; i < a; ++i) {
      for (int j = i == 0 ? 1 : 0; j < b; ++j) {
        const double eigenvalue = (1 + 2 * cosine(i, a) + 2 * cosine(j, b)) / 5;
        rho_of_form = std::max(rho_of_form, std::abs(eigenvalue));
      }
    }
    EXPECT_NEAR(rho(make_matrix(sides("torus", a, b), a * b)), rho_of_form, 1e-13) << a << 'x' << b;
  }
}

TEST(Torus, OfSidesOfTwoHasSingleEdgesAndIsAHypercube) {
  EXPECT_EQ(edges_of(make_matrix(sides("torus", 2, 2), 4).graph),
            edges_of(make_matrix(R"("hypercube")", 4).graph));
  const GraphInfo ladder = inspect(*make_graph(sides("torus", 2, 5), 10));
  EXPECT_EQ(ladder.degree_histogram, (std::map<std::int64_t, std::int64_t>{{3, 10}}));
  EXPECT_TRUE(ladder.doubly_stochastic);
}

TEST(Torus, OfSideOneIsARing) {
  for (const int n : {1, 2, 3, 8}) {
    const auto ring = edges_of(make_matrix(R"("ring")", n).graph);
    EXPECT_EQ(edges_of(make_matrix(sides("torus", 1, n), n).graph), ring) << n;
    EXPECT_EQ(edges_of(make_matrix(sides("torus", n, 1), n).graph), ring) << n;
  }
}

TEST(Grid, IsATorusWithoutItsSeams) {
  const GraphInfo grid = inspect(*make_graph(sides("grid", 3, 5), 15));
  EXPECT_EQ(grid.edges, 3 * 4 + 2 * 5);
  EXPECT_EQ(grid.degree_histogram, (std::map<std::int64_t, std::int64_t>{{2, 4}, {3, 8}, {4, 3}}));
  EXPECT_EQ(grid.diameter, 2 + 4);
  EXPECT_EQ(grid.clustering, 0);
  EXPECT_EQ(edges_of(make_matrix(sides("grid", 1, 6), 6).graph),
            edges_of(make_matrix(R"("chain")", 6).graph));
}

TEST(Grid, LaysTheNodesRowByRow) {
  EXPECT_EQ(list(make_matrix(sides("grid", 2, 4), 8).graph.neighbors(5)),
            std::vector<Uid>({1, 4, 6}));
  EXPECT_EQ(list(make_matrix(sides("torus", 3, 4), 12).graph.neighbors(0)),
            std::vector<Uid>({1, 3, 4, 8}));
}

TEST(Grid, HasTheWeightsOfTheOracle) {
  // Grid 2 × 4 under Metropolis–Hastings.
  const MixingMatrix w = make_matrix(R"({"type": "grid", "rows": 2})", 8);
  EXPECT_NEAR(w.self_weights[0], 5.0 / 12, 1e-15);
  EXPECT_NEAR(w.row(0)[0], 0.25, 1e-15);
  EXPECT_NEAR(w.row(0)[1], 1.0 / 3, 1e-15);
  EXPECT_NEAR(rho(w), 0.85355339059327373, 1e-14);
}

TEST(Grid, IsAsSquareAsItCanBeUnlessASideIsGiven) {
  const auto diameter = [](const char* json, int n) {
    return *inspect(*make_graph(json, n)).diameter;
  };
  EXPECT_EQ(diameter(R"("grid")", 36), 5 + 5);
  EXPECT_EQ(diameter(R"("grid")", 24), 3 + 5);
  EXPECT_EQ(diameter(R"("grid")", 13), 12);
  EXPECT_EQ(diameter(R"({"type": "grid", "columns": 12})", 24), 1 + 11);
  EXPECT_EQ(diameter(R"({"type": "grid", "rows": 3})", 24), 2 + 7);
}

TEST(Lattice, SaysWhichSidesWouldFit) {
  const auto message = [](const std::string& json, int nodes) {
    return message_of<ConfigError>([&] { make_graph(json, nodes); });
  };
  EXPECT_EQ(message(sides("torus", 3, 5), 16),
            "/graph: 3 rows of 5 cannot make 16 nodes; take 4 rows of 4, or 15 nodes");
  EXPECT_EQ(message(R"({"type": "grid", "rows": 5})", 16),
            "/graph/rows: 5 rows cannot make 16 nodes; take 4 rows of 4, or 15 nodes");
  EXPECT_EQ(message(R"({"type": "grid", "columns": 40})", 16),
            "/graph/columns: 40 columns cannot make 16 nodes; take 4 rows of 4, or 40 nodes");
  EXPECT_EQ(message(sides("grid", 2'000'000'000, 2'000'000'000), 16).substr(0, 30),
            "/graph: 2000000000 rows of 200");
}

}  // namespace
}  // namespace kith
