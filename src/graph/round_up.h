#pragma once

#include <string>

namespace kith {

/// A number for a person to type in: at least `value`, which is positive, at most a tenth more, and
/// with two digits that count. 0.06931 -> "0.073"
std::string rounded_up(double value);

}  // namespace kith
