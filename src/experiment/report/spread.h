#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

namespace kith {

/// Mean and standard deviation of the same number in runs that differ in their seed only.
struct Spread {
  std::size_t count = 0;
  double mean = 0;
  double deviation = 0;  ///< of a sample, divided by n − 1; 0 where there is one

  Spread() = default;

  explicit Spread(const std::vector<double>& values) : count(values.size()) {
    if (values.empty()) return;
    // From the first on, so that equal values have exactly their mean and no deviation.
    const double first = values.front();
    for (const double value : values) mean += (value - first) / static_cast<double>(count);
    mean += first;
    if (count < 2) return;
    double squares = 0;
    for (const double value : values) squares += (value - mean) * (value - mean);
    deviation = std::sqrt(squares / static_cast<double>(count - 1));
  }
};

}  // namespace kith
