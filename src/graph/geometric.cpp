#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "core/portable_math.h"
#include "core/random.h"
#include "graph/cell_grid.h"
#include "graph/round_up.h"
#include "graph/stored_schedule.h"
#include "graph/topology_facts.h"

namespace kith {
namespace {

/// Nodes at random places of the unit square talk if they are no farther apart than `radius`: the
/// graph of radios (Gilbert, "Random plane networks", 1961). Graphs that are not connected are
/// thrown away whole.
class Geometric final : public StoredSchedule {
 public:
  struct Params {
    double radius = 0;

    void fields(Fields& f) {
      f.required("radius", radius, "how far a node is heard, in sides of the square",
                 Range{.above = 0});
    }
  };

  Geometric(Params params, const Context& context)
      : StoredSchedule(graph(context.nodes, params.radius, context.seed), context) {}

 private:
  static constexpr int kMostTries = 100;

  static Graph graph(std::int64_t nodes, double radius, std::uint64_t seed) {
    // A node of which no other lies within the radius, and with so many expected no try succeeds.
    constexpr double kHopeless = 50;
    const double area = std::min(1.0, std::numbers::pi * radius * radius);
    const double isolated = double(nodes) * portable::power(1 - area, nodes - 1);
    Random random(seed, Purpose::kGraph);
    for (int tries = 0; tries < kMostTries && isolated < kHopeless; ++tries) {
      Graph graph = Graph::undirected(nodes, near_pairs(draw_points(nodes, random), radius));
      if (graph.connected()) return graph;
    }
    // Connected from about π r² = ln n / n on; twice that leaves room for the border.
    const double enough =
        std::sqrt(2 * portable::log(double(nodes)) / (std::numbers::pi * double(nodes)));
    throw ConfigError(
        "/graph/radius: no random geometric graph of " + std::to_string(nodes) +
        " nodes with radius " + json_number(radius) +
        " was connected; take a radius of √(2 ln n / (π n)) or more: " + rounded_up(enough));
  }

  static std::vector<Point> draw_points(std::int64_t nodes, Random& random) {
    std::vector<Point> points;
    points.reserve(std::size_t(nodes));
    for (std::int64_t node = 0; node < nodes; ++node) {
      const double x = random.uniform();
      const double y = random.uniform();
      points.push_back({x, y});
    }
    return points;
  }

  static std::vector<Edge> near_pairs(const std::vector<Point>& points, double radius) {
    std::vector<Edge> edges;
    const CellGrid cells(points, radius);
    for (Uid uid = 0; std::size_t(uid) < points.size(); ++uid) {
      const Point& here = points[std::size_t(uid)];
      cells.visit_near(here, [&](Uid other) {
        if (other <= uid) return;
        const double dx = points[std::size_t(other)].x - here.x;
        const double dy = points[std::size_t(other)].y - here.y;
        if (dx * dx + dy * dy <= radius * radius) edges.push_back({uid, other});
      });
    }
    return edges;
  }
};

const Register<Schedule, Geometric> registered{
    "geometric", "random places in a square; joined within a radius; drawn until connected",
    TopologyFacts{
        .degree = "about πr²·n away from the border",
        .spectral_gap =
            "of the order of r² (Boyd, Ghosh, Prabhakar & Shah, IEEE Trans. Inf. Theory 2006)",
        .source = "Gilbert, J. SIAM 1961",
        .example = "--nodes 200 --radius 0.12"}};

}  // namespace
}  // namespace kith
