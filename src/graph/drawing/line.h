#pragma once

#include <vector>

#include "graph/mixing_matrix.h"
#include "graph/point.h"

namespace kith {

/// A line of a picture: `from` speaks to `to` and, if `both`, `to` to `from`.
struct Line {
  Uid from;
  Uid to;
  bool both;
  double weight;  ///< W[to, from], or the mean of that and W[from, to]
};

/// Every pair of nodes of which one hears the other, once.
std::vector<Line> lines_of(const MixingMatrix& w);

/// A quadratic Bézier curve.
struct Curve {
  Point begin;
  Point control;
  Point end;

  Point at(double t) const;

  /// The part before t, 0 <= t <= 1.
  Curve until(double t) const;
  Curve reversed() const { return {end, control, begin}; }

  /// The part up to where it comes nearer than `distance` to its end for good.
  Curve short_of_end(double distance) const;
};

}  // namespace kith
