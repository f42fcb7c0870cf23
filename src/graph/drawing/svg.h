#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "graph/point.h"

namespace kith {

/// Builds the text of an SVG picture, element by element. Needs no font, script or other file.
class Svg {
 public:
  /// A value is a text, or a number in the picture's units, kept to a hundredth.
  struct Value {
    std::string text;

    Value(const char* words) : text(words) {}
    Value(std::string words) : text(std::move(words)) {}
    Value(double number);
  };
  using Attributes = std::vector<std::pair<std::string_view, Value>>;

  /// A white picture. `title` is what a reader's program may show.
  Svg(double width, double height, const std::string& title);

  /// An element that holds those up to `end`, which take its attributes as their own.
  void begin(std::string_view name, const Attributes& attributes);
  void end();

  void element(std::string_view name, const Attributes& attributes);
  void text(const Attributes& attributes, const std::string& words);

  /// The picture, which is then complete.
  std::string finish();

  /// A `d` for <path>: from a to b, or the quadratic curve with that control point.
  static std::string line(Point a, const std::optional<Point>& control, Point b);
  static std::string triangle(Point a, Point b, Point c);
  /// Straight from point to point.
  static std::string path(const std::vector<Point>& points);
  /// A `transform` that moves (0, 0) to `corner`.
  static std::string translate(Point corner);

  static constexpr char kTextColor[] = "#26323b";
  /// Of words around their place, in letters of this size, of whatever font there is.
  static Attributes centered_text(double size, const char* color = kTextColor);

 private:
  void open(std::string_view name, const Attributes& attributes);
  void indent();

  std::string text_;
  std::vector<std::string> open_;
};

}  // namespace kith
