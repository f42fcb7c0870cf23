#include "graph/round_up.h"

#include <charconv>

#include "core/text.h"

namespace kith {

std::string rounded_up(double value) {
  // Two digits are off by at most half of the second: less than a twentieth of the number.
  char text[32];
  const auto end =
      std::to_chars(text, text + sizeof text, 1.05 * value, std::chars_format::scientific, 1);
  double rounded = 0;
  std::from_chars(text, end.ptr, rounded);
  return json_number(rounded);
}

}  // namespace kith
