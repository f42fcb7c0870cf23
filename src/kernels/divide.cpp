#include "kernels/divide.h"

#include <algorithm>

#include "kernels/mix.h"
#include "kernels/optimizer_step.h"

namespace kith::kernels {

void divide(ConstArrayView x, int n, ArrayView out) {
  const auto divisor = static_cast<float>(n);
  if (out.device.is_cpu()) {
    std::transform(x.begin(), x.end(), out.begin(), [divisor](float v) { return v / divisor; });
    return;
  }
  // As a device divides (Markstein, IBM J. R&D 1990): q = x · (1/n), then q + (x − n q) · (1/n), where
  // x − n q is exact. No quotient by so small a number is so near the middle between two floats that
  // the last rounding could go the wrong way; only below 2^-126, where some are there, it may.
  const float reciprocal = 1 / divisor;
  mix(reciprocal, x, {}, out);
  sgd_step({.lr = -reciprocal, .weight_decay = -divisor}, out, x, out);
}

}  // namespace kith::kernels
