#include "graph/drawing/svg.h"

#include <charconv>
#include <cmath>

namespace kith {
namespace {

std::string number(double value) {
  char digits[64];
  const double rounded = std::round(value * 100) / 100 + 0.0;  // no −0
  return {digits, std::to_chars(digits, std::end(digits), rounded).ptr};
}

std::string pair(Point point) { return number(point.x) + ' ' + number(point.y); }

}  // namespace

Svg::Value::Value(double number_) : text(number(number_)) {}

Svg::Svg(double width, double height, const std::string& title) {
  text_ = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + number(width) + ' ' +
          number(height) + "\" width=\"" + number(width) + "\" height=\"" + number(height) +
          "\">\n  <title>" + title + "</title>\n";
  element("rect", {{"width", width}, {"height", height}, {"fill", "#ffffff"}});
}

void Svg::begin(std::string_view name, const Attributes& attributes) {
  open(name, attributes);
  text_ += ">\n";
  open_.emplace_back(name);
}

void Svg::end() {
  const std::string name = open_.back();
  open_.pop_back();
  indent();
  text_ += "</" + name + ">\n";
}

void Svg::element(std::string_view name, const Attributes& attributes) {
  open(name, attributes);
  text_ += "/>\n";
}

void Svg::text(const Attributes& attributes, const std::string& words) {
  open("text", attributes);
  text_ += '>' + words + "</text>\n";
}

std::string Svg::finish() { return std::move(text_) + "</svg>\n"; }

std::string Svg::line(Point a, const std::optional<Point>& control, Point b) {
  return 'M' + pair(a) + (control ? 'Q' + pair(*control) + ' ' : std::string("L")) + pair(b);
}

std::string Svg::triangle(Point a, Point b, Point c) { return path({a, b, c}) + 'Z'; }

std::string Svg::path(const std::vector<Point>& points) {
  std::string path;
  for (const Point& point : points) path += (path.empty() ? 'M' : 'L') + pair(point);
  return path;
}

std::string Svg::translate(Point corner) { return "translate(" + pair(corner) + ')'; }

Svg::Attributes Svg::centered_text(double size, const char* color) {
  return {{"font-family", "Helvetica, Arial, sans-serif"},
          {"font-size", size},
          {"text-anchor", "middle"},
          {"fill", color}};
}

void Svg::open(std::string_view name, const Attributes& attributes) {
  indent();
  text_ += '<';
  text_ += name;
  for (const auto& [attribute, value] : attributes) {
    text_ += ' ';
    text_ += attribute;
    text_ += "=\"" + value.text + '"';
  }
}

void Svg::indent() { text_.append(2 * (open_.size() + 1), ' '); }

}  // namespace kith
