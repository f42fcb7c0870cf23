#include "experiment/report/chart.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "experiment/report/table.h"
#include "graph/drawing/svg.h"

namespace kith {
namespace {

constexpr double kWidth = 400, kHeight = 260;  // of a coordinate system
constexpr double kLeft = 78, kTop = 30, kBottom = 48, kGap = 18;
constexpr double kLegendLine = 18, kKey = 26, kLetter = 6.6;
constexpr double kLetters = 12;
constexpr char kGridColor[] = "#e3e8ec";
constexpr char kAxisColor[] = "#46525e";

// Wong, "Points of view: Color blindness", Nature Methods 8 (2011): told apart by nearly everybody.
constexpr const char* kColors[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                   "#e69f00", "#56b4e9", "#000000", "#999933"};
// For more curves than colors.
constexpr const char* kDashes[] = {"", "6 3", "2 2", "8 3 2 3"};

std::string escaped(const std::string& words) {
  std::string text;
  for (const char c : words) {
    if (c == '&')
      text += "&amp;";
    else if (c == '<')
      text += "&lt;";
    else if (c == '>')
      text += "&gt;";
    else
      text += c;
  }
  return text;
}

/// 10⁻⁴
std::string power_of_ten(int exponent) {
  static constexpr const char* kDigits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  if (exponent == 0) return "1";
  std::string text = "10";
  if (exponent == 1) return text;
  for (const char c : std::to_string(exponent)) text += c == '-' ? "⁻" : kDigits[c - '0'];
  return text;
}

struct Limits {
  double low = std::numeric_limits<double>::infinity();
  double high = -low;

  void take(double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

/// A direction of a coordinate system.
class Axis {
 public:
  Axis(Limits limits, bool is_log) : is_log_(is_log) {
    if (!(limits.low <= limits.high)) limits = {is_log ? 1.0 : 0.0, is_log ? 10.0 : 1.0};
    if (limits.low == limits.high) {
      const double room = limits.low == 0 ? 1 : 0.1 * std::abs(limits.low);
      limits = {limits.low - room, limits.high + room};
    }
    low_ = position(limits.low);
    high_ = position(limits.high);
  }

  /// 0 to 1 from one end to the other; beyond them what is outside.
  double of(double value) const { return (position(value) - low_) / (high_ - low_); }

  bool can_show(double value) const { return std::isfinite(value) && (!is_log_ || value > 0); }

  std::string label(double tick) const {
    return is_log_ ? power_of_ten(static_cast<int>(std::lround(std::log10(tick))))
                   : significant(tick, 6);
  }

  std::vector<double> ticks(int count) const {
    if (!is_log_) return round_ticks(low_, high_, count);
    const int step = std::max(1, static_cast<int>(std::ceil((high_ - low_) / count)));
    std::vector<double> ticks;
    for (int power = static_cast<int>(std::ceil(low_)); power <= high_; power += step) {
      ticks.push_back(std::pow(10.0, power));
    }
    return ticks;
  }

 private:
  double position(double value) const {
    return is_log_ ? std::log10(std::max(value, std::numeric_limits<double>::min())) : value;
  }

  bool is_log_;
  double low_ = 0, high_ = 1;
};

/// What all panels share: the axes, and how a curve of a name looks.
class Style {
 public:
  explicit Style(const Chart& chart) : x_(x_axis(chart)), y_(y_axis(chart)) {
    for (const Panel& panel : chart.panels) {
      for (const Curve& curve : panel.curves) {
        if (std::ranges::find(names_, curve.name) == names_.end()) names_.push_back(curve.name);
      }
    }
  }

  const Axis& x() const { return x_; }
  const Axis& y() const { return y_; }
  const std::vector<std::string>& names() const { return names_; }

  Svg::Attributes stroke(const std::string& name) const {
    const std::size_t number = number_of(name);
    Svg::Attributes attributes{{"stroke", color(name)}};
    if (const std::string dash = kDashes[number / std::size(kColors) % std::size(kDashes)];
        !dash.empty()) {
      attributes.emplace_back("stroke-dasharray", dash);
    }
    return attributes;
  }

  const char* color(const std::string& name) const {
    return kColors[number_of(name) % std::size(kColors)];
  }

 private:
  std::size_t number_of(const std::string& name) const {
    return static_cast<std::size_t>(std::ranges::find(names_, name) - names_.begin());
  }

  static Axis x_axis(const Chart& chart) {
    Limits limits;
    for (const Panel& panel : chart.panels) {
      for (const Curve& curve : panel.curves) {
        for (const double x : curve.x) limits.take(x);
      }
    }
    return Axis(limits, false);
  }

  static Axis y_axis(const Chart& chart) {
    Limits means, positive, all;
    for (const Panel& panel : chart.panels) {
      for (const Curve& curve : panel.curves) {
        for (std::size_t i = 0; i < curve.mean.size(); ++i) {
          means.take(curve.mean[i]);
          if (curve.mean[i] > 0) positive.take(curve.mean[i]);
          all.take(curve.mean[i] - curve.deviation[i]);
          all.take(curve.mean[i] + curve.deviation[i]);
        }
      }
    }
    constexpr double kTwoDecades = 100;
    if (means.low >= 0 && positive.high > kTwoDecades * positive.low) {
      return Axis({positive.low, std::max(positive.high, all.high)}, true);
    }
    return Axis(all, false);
  }

  Axis x_, y_;
  std::vector<std::string> names_;
};

/// The points of one curve, in a panel's units.
class Trace {
 public:
  Trace(const Curve& curve, const Style& style) {
    for (std::size_t i = 0; i < curve.x.size(); ++i) {
      const double mean = curve.mean[i];
      const double deviation = std::isfinite(curve.deviation[i]) ? curve.deviation[i] : 0;
      if (!style.y().can_show(mean) || !std::isfinite(curve.x[i])) continue;
      const double x = kWidth * style.x().of(curve.x[i]);
      const auto y = [&](double value) {
        return kHeight * (1 - std::clamp(style.y().of(value), 0.0, 1.0));
      };
      middle_.push_back({x, y(mean)});
      upper_.push_back({x, y(mean + deviation)});
      lower_.push_back({x, y(mean - deviation)});
    }
  }

  bool empty() const { return middle_.empty(); }
  bool has_band() const { return upper_ != lower_; }
  std::string line() const { return Svg::path(middle_); }
  std::string band() const {
    std::vector<Point> around = upper_;
    around.insert(around.end(), lower_.rbegin(), lower_.rend());
    return Svg::path(around) + 'Z';
  }

 private:
  std::vector<Point> middle_, upper_, lower_;
};

Svg::Attributes text_at(Point place, const char* anchor) {
  return {{"x", place.x}, {"y", place.y}, {"text-anchor", anchor}};
}

void draw_axes(Svg& svg, const Style& style, bool is_leftmost) {
  constexpr int kTicksAcross = 6, kTicksUp = 5;
  for (const double tick : style.x().ticks(kTicksAcross)) {
    const double x = kWidth * style.x().of(tick);
    svg.element("path", {{"stroke", kGridColor}, {"d", Svg::line({x, 0}, {}, {x, kHeight})}});
    svg.text(text_at({x, kHeight + 16}, "middle"), style.x().label(tick));
  }
  for (const double tick : style.y().ticks(kTicksUp)) {
    const double y = kHeight * (1 - style.y().of(tick));
    svg.element("path", {{"stroke", kGridColor}, {"d", Svg::line({0, y}, {}, {kWidth, y})}});
    if (is_leftmost) svg.text(text_at({-8, y + 4}, "end"), style.y().label(tick));
  }
  svg.element("rect",
              {{"width", kWidth}, {"height", kHeight}, {"fill", "none"}, {"stroke", kAxisColor}});
}

void draw_curves(Svg& svg, const Panel& panel, const Style& style) {
  for (const Curve& curve : panel.curves) {
    const Trace trace(curve, style);
    if (trace.empty() || !trace.has_band()) continue;
    svg.element("path",
                {{"fill", style.color(curve.name)}, {"fill-opacity", 0.18}, {"d", trace.band()}});
  }
  for (const Curve& curve : panel.curves) {
    const Trace trace(curve, style);
    if (trace.empty()) continue;
    Svg::Attributes line = style.stroke(curve.name);
    line.insert(line.end(), {{"fill", "none"},
                             {"stroke-width", 1.8},
                             {"stroke-linejoin", "round"},
                             {"d", trace.line()}});
    svg.element("path", line);
  }
}

/// Names beside a piece of their lines, in as many columns as there is room for.
class Legend {
 public:
  Legend(const Style& style, double width) : style_(style) {
    std::size_t longest = 1;
    for (const std::string& name : style.names()) longest = std::max(longest, name.size());
    entry_ = kKey + 24 + kLetter * static_cast<double>(longest);
    columns_ = std::max(1, static_cast<int>(width / entry_));
  }

  double height() const {
    const auto rows = (style_.names().size() + std::size_t(columns_) - 1) / std::size_t(columns_);
    return kLegendLine * static_cast<double>(rows);
  }

  void draw(Svg& svg, Point corner) const {
    int place = 0;
    for (const std::string& name : style_.names()) {
      const Point at = corner + Point{entry_ * (place % columns_),
                                      kLegendLine * std::floor(place / double(columns_))};
      Svg::Attributes line = style_.stroke(name);
      const Point left = at + Point{0, -4};
      line.insert(line.end(),
                  {{"stroke-width", 2.4}, {"d", Svg::line(left, {}, left + Point{kKey, 0})}});
      svg.element("path", line);
      svg.text(text_at(at + Point{kKey + 6, 0}, "start"), escaped(name));
      ++place;
    }
  }

 private:
  const Style& style_;
  double entry_;
  int columns_;
};

}  // namespace

std::vector<double> round_ticks(double low, double high, int count) {
  const double rough = (high - low) / count;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double factor : {5.0, 2.0, 1.0}) {
    if (factor * power >= rough) step = factor * power;
  }
  std::vector<double> ticks;
  const double first = std::ceil(low / step - 1e-9);
  const double steps = std::floor(high / step + 1e-9) - first;
  for (int k = 0; k <= std::min(steps, 2.0 * count); ++k) {
    ticks.push_back((first + k) * step + 0.0);  // no −0
  }
  return ticks;
}

std::string Chart::svg() const {
  const Style style(*this);
  const auto count = static_cast<double>(panels.size());
  const double width = kLeft + count * (kWidth + kGap);
  const Legend legend(style, width - kLeft);
  const double below = kTop + kHeight + kBottom;
  Svg svg(width, below + legend.height() + kGap / 2, escaped(title));
  svg.begin("g", {{"font-family", "Helvetica, Arial, sans-serif"},
                  {"font-size", kLetters},
                  {"fill", Svg::kTextColor}});
  for (std::size_t i = 0; i < panels.size(); ++i) {
    const Point corner{kLeft + double(i) * (kWidth + kGap), kTop};
    svg.begin("g", {{"transform", Svg::translate(corner)}});
    draw_axes(svg, style, i == 0);
    draw_curves(svg, panels[i], style);
    svg.text(text_at({kWidth / 2, -10}, "middle"), escaped(panels[i].title));
    svg.text(text_at({kWidth / 2, kHeight + 34}, "middle"), escaped(x_label));
    svg.end();
  }
  svg.text({{"transform", Svg::translate({14, kTop + kHeight / 2}) + " rotate(-90)"},
            {"text-anchor", "middle"}},
           escaped(y_label));
  legend.draw(svg, {kLeft, below + kLetters});
  svg.end();
  return svg.finish();
}

}  // namespace kith
