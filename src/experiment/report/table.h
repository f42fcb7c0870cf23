#pragma once

#include <optional>
#include <string>
#include <vector>

#include "experiment/report/spread.h"

namespace kith {

/// Stands where there is no number.
inline constexpr char kNothing[] = "–";

/// Words in rows and columns.
struct Table {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;  ///< each as long as the header

  /// For a terminal: the first column to the left, numbers to the right.
  std::string text() const;

  /// A LaTeX `tabular` for the package booktabs.
  std::string latex() const;
};

/// "0.913 ± 0.004", or without the deviation where there is one value; kNothing where there is
/// none.
std::string spread_text(const Spread& spread, int digits);

/// The same in three digits: "1.23e+05 ± 7e+02".
std::string short_spread_text(const Spread& spread);

/// `value` in `digits` significant digits.
std::string significant(double value, int digits);

}  // namespace kith
