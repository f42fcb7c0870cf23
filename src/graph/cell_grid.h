#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/types.h"
#include "graph/point.h"

namespace kith {

/// Points of the unit square in square cells at least as wide as `radius`: those within the radius
/// of a point lie in its cell and the eight around it. There are at most about as many cells as
/// points.
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

}  // namespace kith
