#include "core/portable_math.h"

#include <cmath>

namespace kith::portable {

namespace {
// ln 2 in two parts: the first has trailing zero bits, so that a small integer times it is exact.
constexpr double kLn2High = 6.93147180369123816490e-01;
constexpr double kLn2Low = 1.90821492927058770002e-10;
constexpr double kPi = 3.14159265358979323846;
}  // namespace

double log(double x) {
  int exponent = 0;
  double mantissa = std::frexp(x, &exponent);  // in [1/2, 1)
  if (mantissa < 0.70710678118654752440) {
    mantissa *= 2;
    --exponent;
  }
  // ln m = 2 artanh s = 2 (s + s³/3 + s⁵/5 + …), s = (m − 1)/(m + 1), |s| < 0.172
  const double s = (mantissa - 1) / (mantissa + 1);
  const double s2 = s * s;
  double series = 0;
  for (int power = 21; power >= 3; power -= 2) series = s2 * (1.0 / power + series);
  return exponent * kLn2High + (exponent * kLn2Low + 2 * (s + s * series));
}

double exp(double x) {
  if (x < -745) return 0;
  // e^x = 2^k e^r, |r| <= ln 2 / 2
  const double k = std::nearbyint(x / 0.69314718055994530942);
  const double r = (x - k * kLn2High) - k * kLn2Low;
  double series = 1;
  for (int term = 16; term >= 1; --term) series = 1 + series * r / term;
  return std::ldexp(series, static_cast<int>(k));
}

double cos(double x) {
  if (x > kPi / 2) return -cos(kPi - x);
  double series = 1;  // 1 − x²/(1·2) · (1 − x²/(3·4) · (1 − …))
  for (int term = 25; term >= 1; term -= 2) series = 1 - series * x * x / (term * (term + 1));
  return series;
}

double power(double x, std::int64_t n) {
  double result = 1;
  for (; n > 0; n /= 2, x *= x) {
    if (n % 2 == 1) result *= x;
  }
  return result;
}

}  // namespace kith::portable
