#include "kernels/arithmetic.h"
#include "kernels/magnitude.h"
#include "kernels/vector_ops.h"

namespace kith::kernels::KITH_LEVEL {
void subtract(ConstArrayView a, ConstArrayView b, ArrayView out) {
#pragma GCC ivdep
  for (std::size_t i = 0; i < out.size; ++i) out.data[i] = a.data[i] - b.data[i];
}

void add_scaled(ConstArrayView x, float scale, ConstArrayView y, ArrayView out) {
#pragma GCC ivdep
  for (std::size_t i = 0; i < out.size; ++i) {
    out.data[i] = plus_weighted(x.data[i], scale, y.data[i]);
  }
}

void weighted_sum(float a, ConstArrayView x, float b, ConstArrayView y, ArrayView out) {
#pragma GCC ivdep
  for (std::size_t i = 0; i < out.size; ++i) {
    out.data[i] = plus_weighted(a * x.data[i], b, y.data[i]);
  }
}

void divide(ArrayView x, double by) {
  for (std::size_t i = 0; i < x.size; ++i) x.data[i] = static_cast<float>(x.data[i] / by);
}

bool all_finite(ConstArrayView x) {
  std::int32_t found = 0;
  for (std::size_t i = 0; i < x.size; ++i) found |= magnitude(x.data[i]) >= kInfinity;
  return found == 0;
}

float max_abs(ConstArrayView x) {
  std::int32_t largest = 0;
  for (std::size_t i = 0; i < x.size; ++i) {
    const std::int32_t m = magnitude(x.data[i]);
    largest = m > largest ? m : largest;
  }
  return __builtin_bit_cast(float, largest);
}

}  // namespace kith::kernels::KITH_LEVEL
