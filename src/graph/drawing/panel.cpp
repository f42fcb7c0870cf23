#include "graph/drawing/panel.h"

#include <algorithm>
#include <cmath>

namespace kith {
namespace {

constexpr char kNodeColor[] = "#2f6690";
constexpr char kIdleColor[] = "#c9d5df";
constexpr char kLineColor[] = "#46525e";
constexpr char kNegativeColor[] = "#c0392b";

/// An arrowhead at the end of `shaft`, before the node of that radius there; the shaft is cut short
/// of it. Empty where there is no room.
std::string head(Curve& shaft, const Frame& frame, double radius) {
  constexpr double kGap = 0.8, kSmallest = 1;
  const double room = length(shaft.end - shaft.begin) - 2 * (frame.largest_radius() + kGap);
  const double size = std::min(
      std::clamp(0.6 * frame.largest_radius() + 2 * frame.line_width(), 2.0, 7.0), 0.5 * room);
  if (size < kSmallest) return "";
  const Point tip = shaft.short_of_end(radius + kGap).end;
  shaft = shaft.short_of_end(radius + kGap + 0.85 * size);
  const Point along = 1 / length(tip - shaft.end) * (tip - shaft.end);
  const Point base = tip - size * along;
  const Point aside = 0.38 * size * Point{-along.y, along.x};
  return Svg::triangle(tip, base + aside, base - aside);
}

void draw_line(Svg& svg, const Frame& frame, const Line& line, std::optional<double> largest) {
  const auto bend = frame.bend(line);
  Curve shaft = frame.curve(line);
  std::string heads;
  if (frame.has_arrows()) {
    heads = head(shaft, frame, frame.radius(line.to));
    if (line.both) {
      shaft = shaft.reversed();
      heads += head(shaft, frame, frame.radius(line.from));
    }
  }
  Svg::Attributes stroke, fill{{"stroke", "none"}};
  if (largest || (bend && bend->strength != 1)) {
    double opacity = frame.opacity();
    if (largest) opacity = 0.08 + 0.92 * std::abs(line.weight) / *largest;
    if (bend) opacity *= bend->strength;
    stroke.emplace_back("stroke-opacity", opacity);
    fill.emplace_back("fill-opacity", opacity);
  }
  const bool negative = largest && line.weight < 0;
  if (negative) stroke.emplace_back("stroke", kNegativeColor);
  fill.emplace_back("fill", negative ? kNegativeColor : kLineColor);
  const auto control = bend ? std::optional(shaft.control) : std::nullopt;
  stroke.emplace_back("d", Svg::line(shaft.begin, control, shaft.end));
  svg.element("path", stroke);
  if (heads.empty()) return;
  fill.emplace_back("d", heads);
  svg.element("path", fill);
}

void draw_lines(Svg& svg, const Frame& frame, const Lines& lines, std::optional<double> largest) {
  svg.begin("g", {{"fill", "none"},
                  {"stroke", kLineColor},
                  {"stroke-width", frame.line_width()},
                  {"stroke-opacity", frame.opacity()},
                  {"fill-opacity", frame.opacity()}});
  for (const Line& line : lines) draw_line(svg, frame, line, largest);
  svg.end();
}

void draw_nodes(Svg& svg, const Frame& frame, const std::vector<bool>& idle) {
  svg.begin("g", {{"fill", kNodeColor},
                  {"stroke", "#ffffff"},
                  {"stroke-width", std::min(1.0, 0.2 * frame.largest_radius())}});
  for (Uid node = 0; node < frame.nodes(); ++node) {
    const Point place = frame.at(node);
    Svg::Attributes circle{{"cx", place.x}, {"cy", place.y}, {"r", frame.radius(node)}};
    if (idle[std::size_t(node)]) circle.emplace_back("fill", kIdleColor);
    svg.element("circle", circle);
  }
  svg.end();
}

void draw_numbers(Svg& svg, const Frame& frame, const std::vector<bool>& idle) {
  const double size = frame.number_size();
  svg.begin("g", Svg::centered_text(size, frame.numbers_inside() ? "#ffffff" : Svg::kTextColor));
  for (Uid node = 0; node < frame.nodes(); ++node) {
    const Point middle = frame.number_at(node);
    constexpr double kMiddle = 0.355;  // of a digit, above its base line
    Svg::Attributes number{{"x", middle.x}, {"y", middle.y + kMiddle * size}};
    if (idle[std::size_t(node)] && frame.numbers_inside()) {
      number.emplace_back("fill", Svg::kTextColor);
    }
    svg.text(number, std::to_string(node));
  }
  svg.end();
}

}  // namespace

void draw_panel(Svg& svg, const Frame& frame, const Lines& lines, Point corner,
                std::optional<double> largest_weight) {
  std::vector<bool> idle(std::size_t(frame.nodes()), !lines.empty());
  for (const Line& line : lines) {
    idle[std::size_t(line.from)] = idle[std::size_t(line.to)] = false;
  }
  svg.begin("g", {{"transform", Svg::translate(corner)}});
  draw_lines(svg, frame, lines, largest_weight);
  draw_nodes(svg, frame, idle);
  if (frame.number_size() > 0) draw_numbers(svg, frame, idle);
  svg.end();
}

}  // namespace kith
