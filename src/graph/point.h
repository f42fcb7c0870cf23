#pragma once

#include <cmath>
#include <vector>

namespace kith {

/// A place in the plane; in pictures x to the right, y downwards.
struct Point {
  double x = 0;
  double y = 0;

  friend Point operator+(Point a, Point b) { return {a.x + b.x, a.y + b.y}; }
  friend Point operator-(Point a, Point b) { return {a.x - b.x, a.y - b.y}; }
  friend Point operator*(double factor, Point p) { return {factor * p.x, factor * p.y}; }
  friend bool operator==(const Point&, const Point&) = default;
};

inline double dot(Point a, Point b) { return a.x * b.x + a.y * b.y; }
inline double length(Point p) { return std::sqrt(dot(p, p)); }

/// The point of the unit circle that is `turn` of a turn clockwise from the top; the same bits on
/// every machine.
Point on_circle(double turn);

/// Two corners of a rectangle.
struct Box {
  Point low;
  Point high;

  double width() const { return high.x - low.x; }
  double height() const { return high.y - low.y; }
};

/// The smallest box around `points`, of which there is at least one.
Box box_around(const std::vector<Point>& points);

}  // namespace kith
