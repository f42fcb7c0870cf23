#include "core/random.h"

#include <cmath>

#include "core/portable_math.h"

namespace kith {

std::uint32_t Random::operator()() {
  if (used_ == 4) {
    block_ = philox::block(stream_.counter(blocks_++), stream_.key());
    used_ = 0;
  }
  return block_.word[used_++];
}

std::uint64_t Random::bits64() {
  const std::uint64_t high = (*this)();
  return high << 32 | (*this)();
}

std::uint32_t Random::below(std::uint32_t count) {
  // Lemire, "Fast random integer generation in an interval", 2019.
  std::uint64_t product = std::uint64_t{(*this)()} * count;
  if (static_cast<std::uint32_t>(product) < count) {
    const std::uint32_t threshold = -count % count;
    while (static_cast<std::uint32_t>(product) < threshold) {
      product = std::uint64_t{(*this)()} * count;
    }
  }
  return static_cast<std::uint32_t>(product >> 32);
}

double Random::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_normal_;
  }
  double u = 0, v = 0, square = 0;
  do {
    u = 2 * uniform() - 1;
    v = 2 * uniform() - 1;
    square = u * u + v * v;
  } while (square >= 1 || square == 0);
  const double scale = std::sqrt(-2 * portable::log(square) / square);
  spare_normal_ = v * scale;
  has_spare_ = true;
  return u * scale;
}

double Random::log_gamma_variate(double shape) {
  double boost = 0;
  if (shape < 1) {
    // Gamma(a) = Gamma(a + 1) U^(1/a), here in logarithms.
    boost = portable::log(1 - uniform()) / shape;
    shape += 1;
  }
  const double d = shape - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double x = normal();
    const double root = 1 + c * x;
    if (root <= 0) continue;
    const double v = root * root * root;
    const double log_v = portable::log(v);
    if (portable::log(1 - uniform()) < 0.5 * x * x + d - d * v + d * log_v) {
      return portable::log(d) + log_v + boost;
    }
  }
}

}  // namespace kith
