#pragma once

#include <optional>
#include <span>
#include <vector>

#include "graph/drawing/layout.h"
#include "graph/drawing/line.h"

namespace kith {

/// The lines of one round.
using Lines = std::vector<Line>;

/// A layout in a rectangle of a picture, and how large everything in it is: nodes never touch,
/// numbers are left away where they would be too small to read, and lines fade where there are
/// many.
class Frame {
 public:
  /// At most `side` wide and high. `rounds` are all that will be drawn in it, one at a time; the
  /// layout must outlive the frame.
  Frame(const Layout& layout, std::span<const Lines> rounds, double side);

  std::int64_t nodes() const { return nodes_; }
  double width() const { return width_; }
  double height() const { return height_; }

  /// Where a node is; the upper left corner is (0, 0).
  Point at(Uid node) const;
  double radius(Uid node) const { return radii_[std::size_t(node)]; }
  double largest_radius() const { return radius_; }

  /// From center to center.
  Curve curve(const Line& line) const;
  std::optional<Bend> bend(const Line& line) const;
  bool has_arrows() const { return arrows_; }
  double line_width() const { return line_width_; }
  double opacity() const { return opacity_; }

  /// The height of the letters of a node's number; 0 where there is no room for it.
  double number_size() const { return number_size_; }
  bool numbers_inside() const { return numbers_inside_; }
  /// The middle of a node's number.
  Point number_at(Uid node) const;

 private:
  void fit(std::span<const Lines> rounds, double side);
  void fade(std::span<const Lines> rounds);
  void size_nodes(std::span<const Lines> rounds);
  Box extent(std::span<const Lines> rounds, double radius) const;
  double text_width() const;

  const Layout& layout_;
  std::int64_t nodes_;
  bool arrows_ = false;
  Point low_;         // what of the layout is drawn at (margin, margin)
  double scale_ = 1;  // the picture's units in one of the layout's
  double width_ = 0, height_ = 0, margin_ = 0;
  double radius_ = 0;          // of the largest node
  std::vector<double> radii_;  // smaller ones where few nodes have most of the lines
  double number_size_ = 0;
  bool numbers_inside_ = true;
  double line_width_ = 0, opacity_ = 0;
};

}  // namespace kith
