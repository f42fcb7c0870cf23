#pragma once

#include <string>
#include <vector>

namespace kith {

/// A curve with a band around it: y = mean ± deviation at every x.
struct Curve {
  std::string name;  ///< in the legend; curves of one name look alike in all panels
  std::vector<double> x, mean, deviation;
};

/// One coordinate system.
struct Panel {
  std::string title;
  std::vector<Curve> curves;
};

/// Panels side by side over one legend, for a paper.
struct Chart {
  std::string title;  ///< what a reader's program may show
  std::string x_label, y_label;
  std::vector<Panel> panels;

  /// An SVG picture. The y axis is logarithmic where no mean is below 0 and the largest is more
  /// than a hundred times the smallest above 0; zeros have no place on it. What is not finite is
  /// left out.
  std::string svg() const;
};

/// Round numbers from `low` to `high`, about `count` of them: 1, 2 or 5 times a power of ten apart.
std::vector<double> round_ticks(double low, double high, int count);

}  // namespace kith
