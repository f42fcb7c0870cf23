#include "graph/drawing/layout.h"

#include <cmath>
#include <numbers>

#include "core/error.h"
#include "graph/drawing/drawing_testing.h"

namespace kith {
namespace {

struct Sample {
  const char* json;
  std::int64_t nodes;
  LayoutKind fits;
};

const Sample kSamples[] = {
    {R"("ring")", 1, LayoutKind::kTree},
    {R"("ring")", 2, LayoutKind::kTree},
    {R"("ring")", 16, LayoutKind::kCircle},
    {R"("chain")", 30, LayoutKind::kTree},
    {R"("star")", 16, LayoutKind::kTree},
    {R"("complete")", 9, LayoutKind::kCircle},
    {R"({"type": "torus", "rows": 4})", 20, LayoutKind::kGrid},
    {R"({"type": "torus", "rows": 2})", 12, LayoutKind::kGrid},
    {R"("grid")", 24, LayoutKind::kGrid},
    {R"("hypercube")", 8, LayoutKind::kCube},
    {R"("hypercube")", 16, LayoutKind::kCube},
    {R"("hypercube")", 32, LayoutKind::kCube},
    {R"("hypercube")", 64, LayoutKind::kForce},
    {R"("binary_tree")", 63, LayoutKind::kTree},
    {R"({"type": "barabasi_albert", "m": 1})", 900, LayoutKind::kForce},
    {R"({"type": "regular", "degree": 3})", 40, LayoutKind::kForce},
    {R"({"type": "small_world", "k": 4, "beta": 0.1})", 60, LayoutKind::kCircle},
    {R"({"type": "small_world", "k": 4, "beta": 1})", 60, LayoutKind::kForce},
    {R"({"type": "erdos_renyi", "p": 0.2})", 40, LayoutKind::kForce},
    {R"({"type": "barabasi_albert", "m": 2})", 150, LayoutKind::kForce},
    {R"({"type": "geometric", "radius": 0.25})", 90, LayoutKind::kForce},
    {R"("exponential")", 20, LayoutKind::kCircle},
    {R"("complete_bipartite")", 12, LayoutKind::kSides},
    {R"("social")", 32, LayoutKind::kSides},
    {R"({"type": "equistatic", "degree": 4})", 21, LayoutKind::kCircle},
};

TEST(Layout, FitsTheStructureOfTheGraph) {
  for (const auto& [json, nodes, fits] : kSamples) {
    EXPECT_EQ(fitting_layout(graph_of(json, nodes)), fits) << json << ' ' << nodes;
  }
}

TEST(Layout, PutsNoTwoNodesInTheSamePlace) {
  for (const auto& [json, nodes, fits] : kSamples) {
    if (nodes < 2) continue;
    const Graph graph = graph_of(json, nodes);
    for (const auto kind : {LayoutKind::kAuto, LayoutKind::kCircle, LayoutKind::kGrid,
                            LayoutKind::kTree, LayoutKind::kForce}) {
      if (nodes > 500 && kind != LayoutKind::kAuto) continue;
      const auto layout = lay_out(graph, kind);
      ASSERT_EQ(std::int64_t(layout->places().size()), nodes);
      const Box box = box_around(layout->places());
      EXPECT_GT(layout->spacing(), 1e-4 * std::max(box.width(), box.height()))
          << json << ' ' << nodes << ' ' << int(kind);
    }
  }
}

TEST(Layout, IsTheSameBitsEveryTime) {
  for (const auto& [json, nodes, fits] : kSamples) {
    if (nodes > 500) continue;
    const Graph graph = graph_of(json, nodes);
    EXPECT_EQ(lay_out(graph, LayoutKind::kAuto)->places(),
              lay_out(graph, LayoutKind::kAuto)->places())
        << json;
  }
}

TEST(Layout, KnowsHowNearTheNearestNodesAre) {
  Random random(3, Purpose::kGraph);
  for (const std::size_t count : {2u, 3u, 10u, 500u}) {
    std::vector<Point> places;
    for (std::size_t i = 0; i < count; ++i) {
      places.push_back({100 * random.uniform() - 7, 3 * random.uniform()});
    }
    double nearest = 1e9;
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t k = 0; k < i; ++k) {
        nearest = std::min(nearest, length(places[i] - places[k]));
      }
    }
    EXPECT_NEAR(Layout(places).spacing(), nearest, 1e-12) << count;
  }
  EXPECT_EQ(Layout({{3, 4}}).spacing(), 1);
}

TEST(Layout, TakesAnyGraph) {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    Random random(seed, Purpose::kGraph);
    const auto nodes = static_cast<Uid>(1 + random.below(24));
    const double density = random.uniform() * random.uniform();
    std::vector<Edge> edges;
    for (Uid a = 0; a < nodes; ++a) {
      for (Uid b = 0; b < nodes; ++b) {
        if (a != b && random.uniform() < density) edges.push_back({a, b});
      }
    }
    const Graph graph =
        seed % 2 == 0 ? Graph::directed(nodes, edges) : Graph::undirected(nodes, edges);
    for (const auto kind : {LayoutKind::kAuto, LayoutKind::kCircle, LayoutKind::kGrid,
                            LayoutKind::kTree, LayoutKind::kForce}) {
      const auto layout = lay_out(graph, kind);
      ASSERT_EQ(layout->places().size(), std::size_t(nodes));
      EXPECT_GT(layout->spacing(), 1e-3) << seed << ' ' << int(kind);  // false for NaN, too
    }
  }
}

TEST(Layout, HasNames) {
  EXPECT_EQ(layout_kind("tree"), LayoutKind::kTree);
  EXPECT_EQ(layout_kind("auto"), LayoutKind::kAuto);
  EXPECT_EQ(message_of<ConfigError>([] { layout_kind("cirle"); }),
            "unknown layout \"cirle\"; did you mean \"circle\"? Known: auto, circle, grid, tree, "
            "force");
}

TEST(CircleLayout, GoesClockwiseByUidFromTheTop) {
  constexpr int kNodes = 37;
  const auto layout = lay_out(graph_of(R"("ring")", kNodes), LayoutKind::kCircle);
  const double radius = length(place_of(*layout, 0));
  EXPECT_NEAR(place_of(*layout, 0).x, 0, 1e-12);
  EXPECT_LT(place_of(*layout, 0).y, 0);
  for (Uid node = 0; node < kNodes; ++node) {
    const double angle = 2 * std::numbers::pi * node / kNodes;
    EXPECT_NEAR(place_of(*layout, node).x, radius * std::sin(angle), 1e-12);
    EXPECT_NEAR(place_of(*layout, node).y, -radius * std::cos(angle), 1e-12);
  }
}

TEST(CircleLayout, BendsLinesAwayFromTheNodesThatTheyPass) {
  constexpr int kNodes = 60;
  const auto layout = lay_out(graph_of(R"("complete")", kNodes), LayoutKind::kCircle);
  const double node_radius = 0.36 * layout->spacing();
  int bent = 0;
  for (Uid end = 1; end <= kNodes / 2; ++end) {
    const auto bend = layout->bend(0, end, node_radius);
    bent += bend.has_value();
    const Point a = place_of(*layout, 0), b = place_of(*layout, end);
    const Point control = bend ? bend->control : 0.5 * (a + b);
    EXPECT_LE(length(control), length(a)) << "inwards";
    for (Uid passed = 1; passed < end; ++passed) {
      double nearest = 1e9;
      for (double t = 0; t <= 1; t += 0.001) {
        const Point on = (1 - t) * (1 - t) * a + 2 * t * (1 - t) * control + t * t * b;
        nearest = std::min(nearest, length(on - place_of(*layout, passed)));
      }
      EXPECT_GT(nearest, node_radius) << end << " passes " << passed;
    }
  }
  EXPECT_FALSE(layout->bend(0, 1, node_radius).has_value());
  EXPECT_FALSE(layout->bend(0, kNodes / 2, node_radius).has_value());
  EXPECT_GT(bent, 1);
  EXPECT_LT(bent, 12);
}

TEST(GridLayout, OfAGridHasStraightEdgesOfLengthOne) {
  for (const auto& [rows, columns] : {std::pair(3, 5), {8, 8}, {2, 2}, {2, 9}, {7, 3}}) {
    const Graph grid =
        graph_of(R"({"type": "grid", "rows": )" + std::to_string(rows) + "}", rows * columns);
    for (const Graph& graph : {grid, shuffled(grid)}) {
      const auto layout = lay_out(graph, LayoutKind::kGrid);
      for (const auto& [a, b] : edges_of(graph)) {
        EXPECT_EQ(distance(*layout, a, b), 1);
        EXPECT_FALSE(layout->bend(a, b, 0.3).has_value());
      }
      EXPECT_EQ(crossings(*layout, graph), 0);
    }
    const auto layout = lay_out(grid, LayoutKind::kGrid);
    EXPECT_EQ(place_of(*layout, columns - 1), (Point{double(columns - 1), 0})) << "row by row";
  }
}

TEST(GridLayout, OfATorusBendsOnlyTheLinesThatCloseItsRings) {
  const Graph torus = graph_of(R"({"type": "torus", "rows": 5})", 35);
  const auto layout = lay_out(torus, LayoutKind::kAuto);
  int straight = 0, bent = 0;
  for (const auto& [a, b] : edges_of(torus)) {
    const auto bend = layout->bend(a, b, 0.3);
    ++(bend ? bent : straight);
    EXPECT_EQ(bend.has_value(), distance(*layout, a, b) != 1);
    const auto from_other_end = layout->bend(b, a, 0.3);
    EXPECT_EQ(bend.value_or(Bend{}).control, from_other_end.value_or(Bend{}).control);
  }
  EXPECT_EQ(straight, 5 * 6 + 7 * 4);
  EXPECT_EQ(bent, 5 + 7);
}

TEST(TreeLayout, HasNoCrossings) {
  std::vector<Graph> trees{graph_of(R"("star")", 40), graph_of(R"("chain")", 100)};
  for (const int nodes : {2, 3, 7, 12, 63, 200, 255}) {
    trees.push_back(graph_of(R"("binary_tree")", nodes));
  }
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    trees.push_back(graph_of(R"({"type": "barabasi_albert", "m": 1})", 20 * int(seed), seed));
  }
  // Long arms around a hub, which must not wind into each other.
  std::vector<Edge> arms;
  for (Uid node = 1; node <= 60; ++node) arms.push_back({node <= 3 ? 0 : node - 3, node});
  for (Uid leaf = 61; leaf <= 90; ++leaf) arms.push_back({leaf % 2 == 0 ? 4 : 40, leaf});
  trees.push_back(Graph::undirected(91, arms));
  for (const Graph& tree : trees) {
    const Graph mixed = shuffled(tree);
    EXPECT_EQ(crossings(*lay_out(tree, LayoutKind::kTree), tree), 0) << tree.nodes();
    EXPECT_EQ(crossings(*lay_out(mixed, LayoutKind::kTree), mixed), 0) << tree.nodes();
  }
}

TEST(TreeLayout, PutsASmallTreeIntoLevelsBelowItsCenter) {
  const auto layout = lay_out(graph_of(R"("binary_tree")", 15), LayoutKind::kTree);
  for (Uid node = 1; node < 15; ++node) {
    const Uid parent = (node - 1) / 2;
    EXPECT_GT(place_of(*layout, node).y, place_of(*layout, parent).y);
  }
  for (Uid parent = 0; parent < 7; ++parent) {
    const double left = place_of(*layout, 2 * parent + 1).x;
    const double right = place_of(*layout, 2 * parent + 2).x;
    EXPECT_LT(left, right);
    EXPECT_DOUBLE_EQ(place_of(*layout, parent).x, (left + right) / 2);
  }
}

TEST(TreeLayout, PutsAStarAroundItsCenter) {
  const auto layout = lay_out(shuffled(graph_of(R"("star")", 20), 5), LayoutKind::kAuto);
  const Graph star = shuffled(graph_of(R"("star")", 20), 5);
  for (Uid node = 0; node < 20; ++node) {
    if (star.degree(node) > 1) continue;
    EXPECT_NEAR(distance(*layout, node, star.neighbors(node)[0]), 1, 1e-12);
  }
}

TEST(TreeLayout, FoldsALongPathIntoStepsOfOne) {
  const Graph path = shuffled(graph_of(R"("chain")", 90));
  const auto layout = lay_out(path, LayoutKind::kAuto);
  for (const auto& [a, b] : edges_of(path)) EXPECT_EQ(distance(*layout, a, b), 1);
  const Box box = box_around(layout->places());
  EXPECT_GT(box.height(), box.width() / 4);
}

TEST(TreeLayout, TakesGraphsWithCyclesAndInParts) {
  const Graph parts =
      Graph::undirected(9, std::vector<Edge>{{0, 1}, {1, 2}, {4, 5}, {5, 6}, {6, 4}});
  const auto layout = lay_out(parts, LayoutKind::kTree);
  EXPECT_GE(layout->spacing(), 1 - 1e-12);
}

TEST(ForceLayout, GivesATriangleAPathAndARingTheirTrueDistances) {
  const auto triangle = lay_out(graph_of(R"("ring")", 3), LayoutKind::kForce);
  for (Uid a = 0; a < 3; ++a) EXPECT_NEAR(distance(*triangle, a, (a + 1) % 3), 1, 1e-3);

  const auto path = lay_out(graph_of(R"("chain")", 12), LayoutKind::kForce);
  for (Uid a = 0; a < 12; ++a) {
    for (Uid b = 0; b < a; ++b) EXPECT_NEAR(distance(*path, a, b), a - b, 0.05);
  }
  const Box box = box_around(path->places());
  EXPECT_GT(box.width(), 20 * box.height());

  const Graph ring = shuffled(graph_of(R"("ring")", 24));
  const auto layout = lay_out(ring, LayoutKind::kForce);
  const double side = distance(*layout, 0, ring.neighbors(0)[0]);
  for (const auto& [a, b] : edges_of(ring)) EXPECT_NEAR(distance(*layout, a, b), side, 0.01);
  EXPECT_EQ(crossings(*layout, ring), 0);
}

TEST(ForceLayout, UnfoldsAGridWithoutCrossings) {
  const Graph grid = shuffled(graph_of(R"("grid")", 100));
  EXPECT_EQ(crossings(*lay_out(grid, LayoutKind::kForce), grid), 0);
}

TEST(ForceLayout, UnfoldsALargeGraphFromTheDistancesToPivots) {
  const Graph grid = shuffled(graph_of(R"({"type": "grid", "rows": 50})", 2'500));
  const auto layout = lay_out(grid, LayoutKind::kForce);
  EXPECT_LT(crossings(*layout, grid), int(grid.edges()) / 100);
}

TEST(ForceLayout, KeepsThePartsOfAGraphApart) {
  std::vector<Edge> edges;
  for (Uid node = 0; node < 20; ++node) edges.push_back({node, (node + 1) % 20});
  for (Uid node = 20; node < 30; ++node) edges.push_back({node, node == 29 ? 20 : node + 1});
  const auto layout = lay_out(Graph::undirected(33, edges), LayoutKind::kForce);
  const auto box = [&](Uid begin, Uid end) {
    return box_around({layout->places().begin() + begin, layout->places().begin() + end});
  };
  const Box boxes[] = {box(0, 20), box(20, 30), box(30, 31), box(31, 32), box(32, 33)};
  for (const Box& a : boxes) {
    for (const Box& b : boxes) {
      if (&a == &b) continue;
      EXPECT_TRUE(a.high.x < b.low.x || b.high.x < a.low.x || a.high.y < b.low.y ||
                  b.high.y < a.low.y);
    }
  }
}

TEST(CubeLayout, DrawsEveryDimensionAsOneArrow) {
  for (const int nodes : {8, 16, 32}) {
    const auto layout = lay_out(graph_of(R"("hypercube")", nodes), LayoutKind::kAuto);
    for (Uid bit = 1; bit < nodes; bit *= 2) {
      const Point arrow = place_of(*layout, bit) - place_of(*layout, 0);
      for (Uid node = 0; node < nodes; ++node) {
        if (node & bit) continue;
        const Point other = place_of(*layout, node | bit) - place_of(*layout, node);
        EXPECT_NEAR(length(other - arrow), 0, 1e-12);
      }
    }
    const Graph mixed = shuffled(graph_of(R"("hypercube")", nodes));
    EXPECT_EQ(fitting_layout(mixed), LayoutKind::kCube) << "however it is numbered";
  }
}

TEST(SidesLayout, PutsThemFaceToFace) {
  const Graph social = graph_of(R"("social")", 32);
  const auto layout = lay_out(social, LayoutKind::kAuto);
  for (const auto& [woman, event] : edges_of(social)) {
    EXPECT_EQ(place_of(*layout, woman).y, 0);
    EXPECT_GT(place_of(*layout, event).y, 0);
  }
  // In the order of their numbers there are more crossings.
  std::vector<Point> by_uid;
  for (Uid node = 0; node < 32; ++node) {
    by_uid.push_back(node < 18 ? Point{(node + 0.5) / 18, 0} : Point{(node - 17.5) / 14, 1});
  }
  EXPECT_LT(crossings(*layout, social), crossings(Layout(by_uid), social));
}

TEST(SidesLayout, UntanglesARowOfSquares) {
  // Each square has one crossing that no order avoids.
  constexpr Uid kSquares = 6;
  std::vector<Edge> edges;
  for (Uid first = 0; first < 4 * kSquares; first += 4) {
    edges.insert(edges.end(), {{first, first + 1}, {first + 1, first + 2}});
    edges.insert(edges.end(), {{first + 2, first + 3}, {first + 3, first}});
    if (first > 0) edges.push_back({first - 1, first});
  }
  const Graph row = shuffled(Graph::undirected(4 * kSquares, edges));
  EXPECT_EQ(crossings(*lay_out(row, LayoutKind::kSides), row), kSquares);
}

}  // namespace
}  // namespace kith
