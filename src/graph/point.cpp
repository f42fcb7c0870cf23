#include "graph/point.h"

#include <algorithm>
#include <numbers>

#include "core/portable_math.h"

namespace kith {

Point on_circle(double turn) {
  // The cosine of an angle is that of its distance from a full turn.
  const auto cosine = [](double turns) {
    turns -= std::floor(turns);
    return portable::cos(2 * std::numbers::pi * std::min(turns, 1 - turns));
  };
  return {cosine(turn - 0.25), -cosine(turn)};
}

Box box_around(const std::vector<Point>& points) {
  Box box{points.front(), points.front()};
  for (const Point point : points) {
    box.low = {std::min(box.low.x, point.x), std::min(box.low.y, point.y)};
    box.high = {std::max(box.high.x, point.x), std::max(box.high.y, point.y)};
  }
  return box;
}

}  // namespace kith
