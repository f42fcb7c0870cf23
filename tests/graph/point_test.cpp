#include "graph/point.h"

#include <gtest/gtest.h>

#include <numbers>

namespace kith {
namespace {

TEST(Point, GoesAroundTheCircleFromTheTopClockwise) {
  EXPECT_EQ(on_circle(0), (Point{0, -1}));
  EXPECT_NEAR(length(on_circle(0.25) - Point{1, 0}), 0, 1e-15) << "y runs downwards";
  for (double turn = -2; turn <= 2; turn += 0.013) {
    const double angle = 2 * std::numbers::pi * turn;
    EXPECT_NEAR(length(on_circle(turn) - Point{std::sin(angle), -std::cos(angle)}), 0, 1e-14);
  }
}

TEST(Point, HasABoxAroundIt) {
  const Box box = box_around({{1, 5}, {-2, 3}, {0, 4}});
  EXPECT_EQ(box.low, (Point{-2, 3}));
  EXPECT_EQ(box.high, (Point{1, 5}));
  EXPECT_EQ(box.width(), 3);
  EXPECT_EQ(box.height(), 2);
}

}  // namespace
}  // namespace kith
