#include <bit>
#include <cassert>

#include "graph/drawing/layout.h"
#include "graph/drawing/structure.h"

namespace kith {
namespace {

/// Every edge of a dimension is the same arrow. Three look like a cube; four share out half a turn,
/// so that the outline is an octagon; five are symmetrical, with nodes far from lines.
const std::vector<Point>& arrows(std::size_t dimensions) {
  static const std::vector<Point> kThree{{1, 0}, {0, 1}, {0.48, -0.4}};
  static const std::vector<Point> kFour{on_circle(0.0625), on_circle(0.1875), on_circle(0.3125),
                                        on_circle(0.4375)};
  static const std::vector<Point> kFive{
      {1.01, 1.15}, {1.01, -1.15}, {0.61, 0.45}, {0.61, -0.45}, {0.55, 0}};
  return dimensions == 3 ? kThree : dimensions == 4 ? kFour : kFive;
}

std::vector<Point> places(const std::vector<Uid>& labels) {
  const auto dimensions = std::size_t(std::countr_zero(labels.size()));
  std::vector<Point> places;
  for (const Uid label : labels) {
    Point place;
    for (std::size_t digit = 0; digit < dimensions; ++digit) {
      if (label >> digit & 1) place = place + arrows(dimensions)[digit];
    }
    places.push_back(place);
  }
  return places;
}

}  // namespace

std::unique_ptr<Layout> cube_layout(const Graph& graph) {
  const auto labels = find_hypercube(graph);
  assert(labels);
  return std::make_unique<Layout>(places(*labels));
}

}  // namespace kith
