#include <algorithm>
#include <numbers>

#include "graph/drawing/layout.h"

namespace kith {
namespace {

/// Neighbors on the circle are about one apart.
class CircleLayout final : public Layout {
 public:
  explicit CircleLayout(std::int64_t nodes)
      : Layout(places(nodes)), nodes_(nodes), circle_radius_(radius(nodes)) {}

  std::optional<Bend> bend(Uid a, Uid b, double node_radius) const override {
    const std::int64_t across = std::abs(std::int64_t(a) - b);
    const double apart = double(std::min(across, nodes_ - across));
    if (apart <= 1) return {};
    // How far the chord keeps from the first node that it passes, in radii of a node. Where that is
    // too little, it bends, the farther apart its ends are the deeper.
    const Point middle = 0.5 * (at(a) + at(b));
    const double passed = circle_radius_ * cosine((apart - 2) / 2);
    const double clearance = (passed - length(middle)) / node_radius;
    const double hidden = std::clamp(2 - clearance / 0.8, 0.0, 1.0);
    if (hidden == 0) return {};
    const double missing = node_radius * (1.7 + 0.4 * std::min(apart - 2, 4.0) - clearance);
    // The curve is parted from the chord by 4 t (1 − t) times as much as in its middle, and there
    // by half of what its control point is. The first node is passed at about t = 1 / apart.
    const double t = std::max(1 / apart, 0.25);
    const double deeper = hidden * std::max(0.0, missing) / (2 * t * (1 - t));
    return Bend{(1 - std::min(1.0, deeper / length(middle))) * middle};
  }

  std::optional<Point> free_side(Uid node) const override { return 1 / circle_radius_ * at(node); }

 private:
  static double radius(std::int64_t nodes) { return double(nodes) / (2 * std::numbers::pi); }

  static std::vector<Point> places(std::int64_t nodes) {
    std::vector<Point> places;
    for (std::int64_t node = 0; node < nodes; ++node) {
      places.push_back(radius(nodes) * on_circle(double(node) / double(nodes)));
    }
    return places;
  }

  /// Of the angle over so many steps of the circle.
  double cosine(double steps) const { return -on_circle(steps / double(nodes_)).y; }

  Point at(Uid node) const { return Layout::places()[std::size_t(node)]; }

  std::int64_t nodes_;
  double circle_radius_;
};

}  // namespace

std::unique_ptr<Layout> circle_layout(const Graph& graph) {
  return std::make_unique<CircleLayout>(graph.nodes());
}

}  // namespace kith
