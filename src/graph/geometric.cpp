#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "core/portable_math.h"
#include "core/random.h"
#include "graph/round_up.h"
#include "graph/stored_schedule.h"

namespace kith {
namespace {

struct Point {
  double x;
  double y;
};

/// Points in square cells at least as wide as `radius`: those within the radius of a point lie in
/// its cell and the eight around it. There are at most about as many cells as points.
class CellGrid {
 public:
  CellGrid(const std::vector<Point>& points, double radius)
      : side_(std::max<std::int64_t>(
            1, std::int64_t(std::min(1 / radius, std::sqrt(double(points.size())))))),
        begins_(std::size_t(side_ * side_) + 1) {
    for (const Point& point : points) ++begins_[cell(point) + 1];
    for (std::size_t k = 1; k < begins_.size(); ++k) begins_[k] += begins_[k - 1];
    members_.resize(points.size());
    std::vector<std::size_t> ends = begins_;
    for (Uid uid = 0; std::size_t(uid) < points.size(); ++uid) {
      members_[ends[cell(points[std::size_t(uid)])]++] = uid;
    }
  }

  /// `visit(uid)` for all points in the cells at and around that of `point`.
  template <class Visit>
  void visit_near(const Point& point, Visit visit) const {
    const std::int64_t row = place(point.y);
    const std::int64_t column = place(point.x);
    for (std::int64_t r = std::max<std::int64_t>(row - 1, 0); r <= std::min(row + 1, side_ - 1);
         ++r) {
      // Cells of a row lie one behind another.
      const std::int64_t first = r * side_ + std::max<std::int64_t>(column - 1, 0);
      const std::int64_t last = r * side_ + std::min(column + 1, side_ - 1);
      for (std::size_t k = begins_[std::size_t(first)]; k < begins_[std::size_t(last) + 1]; ++k) {
        visit(members_[k]);
      }
    }
  }

 private:
  std::int64_t place(double coordinate) const {
    return std::min(std::int64_t(coordinate * double(side_)), side_ - 1);
  }
  std::size_t cell(const Point& point) const {
    return std::size_t(place(point.y) * side_ + place(point.x));
  }

  std::int64_t side_;
  std::vector<std::size_t> begins_;
  std::vector<Uid> members_;  // cell behind cell
};

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
    "geometric", "random places in a square; joined within a radius; drawn until connected"};

}  // namespace
}  // namespace kith
