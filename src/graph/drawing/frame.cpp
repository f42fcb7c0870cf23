#include "graph/drawing/frame.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace kith {

Frame::Frame(const Layout& layout, std::span<const Lines> rounds, double side)
    : layout_(layout), nodes_(std::int64_t(layout.places().size())) {
  for (const Lines& lines : rounds) {
    arrows_ |= std::ranges::any_of(lines, [](const Line& line) { return !line.both; });
  }
  fit(rounds, side);
  fade(rounds);
  size_nodes(rounds);
}

/// Of the nodes and of lines that run outside of them, in the layout's units.
Box Frame::extent(std::span<const Lines> rounds, double radius) const {
  std::vector<Point> points = layout_.places();
  for (const Lines& lines : rounds) {
    for (const Line& line : lines) {
      const auto bend = layout_.bend(line.from, line.to, radius);
      if (!bend) continue;
      const Point from = layout_.places()[std::size_t(line.from)];
      const Point to = layout_.places()[std::size_t(line.to)];
      points.push_back(Curve{from, bend->control, to}.at(0.5));
    }
  }
  return box_around(points);
}

/// Of the longest number, in heights of its letters.
double Frame::text_width() const { return 0.6 * double(std::to_string(nodes_ - 1).size()); }

void Frame::fit(std::span<const Lines> rounds, double side) {
  constexpr double kSmallestNode = 0.9, kLargestNode = 11, kMargin = 4;
  constexpr std::int64_t kMostNumbers = 128;
  constexpr double kSmallestInside = 6.5, kSmallestOutside = 6, kLargestOutside = 9;
  const double spacing = layout_.spacing();
  // A node's radius, of the distance to the nearest; less where lines between them matter more.
  const bool large = nodes_ <= kMostNumbers && rounds.size() == 1 && !arrows_;
  const double room = large ? 0.36 : 0.27;
  const Box box = extent(rounds, room * spacing);
  const double longer = std::max(box.width(), box.height());

  margin_ = kLargestNode + kMargin;
  for (int pass = 0; pass < 3; ++pass) {  // the margin depends on the scale, and the scale on it
    scale_ = longer == 0 ? kLargestNode / room : (side - 2 * margin_) / longer;
    radius_ = std::clamp(room * spacing * scale_, kSmallestNode, kLargestNode);
    const double inside = std::min(1.1, 1.7 / text_width()) * radius_;
    const double outside = std::min(0.85 * spacing * scale_, kLargestOutside);
    margin_ = radius_ + kMargin;
    number_size_ = 0;
    if (nodes_ > kMostNumbers) continue;
    numbers_inside_ = inside >= kSmallestInside;
    if (numbers_inside_) {
      number_size_ = inside;
    } else if (layout_.free_side(0) && outside >= kSmallestOutside) {
      number_size_ = outside;
      margin_ += number_size_ * (text_width() + 0.4);
    }
  }
  low_ = box.low;
  width_ = box.width() * scale_ + 2 * margin_;
  height_ = box.height() * scale_ + 2 * margin_;
}

void Frame::fade(std::span<const Lines> rounds) {
  line_width_ = std::clamp(0.11 * radius_, 0.5, 1.2);
  double most_ink = 1;
  for (const Lines& lines : rounds) {
    double ink = 0;
    for (const Line& line : lines) ink += length(at(line.to) - at(line.from)) * line_width_;
    most_ink = std::max(most_ink, ink);
  }
  // Where lines cover the frame several times over, some of them are still told apart.
  const double root = std::sqrt(most_ink / (width_ * height_));
  opacity_ = std::clamp(0.14 / (root * std::sqrt(root)), 0.03, 0.85);
}

void Frame::size_nodes(std::span<const Lines> rounds) {
  radii_.assign(std::size_t(nodes_), radius_);
  if (number_size_ > 0) return;
  std::vector<double> degrees(radii_.size(), 0);
  double sum = 0;
  for (const Lines& lines : rounds) {
    for (const Line& line : lines) {
      ++degrees[std::size_t(line.from)];
      ++degrees[std::size_t(line.to)];
      sum += 2;
    }
  }
  constexpr double kHub = 4;  // times as many lines as others have
  const double largest = std::ranges::max(degrees);
  if (largest <= kHub * sum / double(nodes_)) return;
  for (std::size_t i = 0; i < radii_.size(); ++i) {
    radii_[i] *= std::sqrt(0.25 + 0.75 * degrees[i] / largest);
  }
}

Point Frame::at(Uid node) const {
  return scale_ * (layout_.places()[std::size_t(node)] - low_) + Point{margin_, margin_};
}

std::optional<Bend> Frame::bend(const Line& line) const {
  auto bend = layout_.bend(line.from, line.to, radius_ / scale_);
  if (bend) bend->control = scale_ * (bend->control - low_) + Point{margin_, margin_};
  return bend;
}

Curve Frame::curve(const Line& line) const {
  const Point from = at(line.from);
  const Point to = at(line.to);
  const auto bent = bend(line);
  return {from, bent ? bent->control : 0.5 * (from + to), to};
}

Point Frame::number_at(Uid node) const {
  if (numbers_inside_) return at(node);
  constexpr double kGap = 2;
  const Point side = layout_.free_side(node).value();
  const double distance = radius(node) + kGap;
  return at(node) + Point{side.x * (distance + 0.5 * number_size_ * text_width()),
                          side.y * (distance + 0.5 * number_size_)};
}

}  // namespace kith
