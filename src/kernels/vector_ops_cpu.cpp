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

void add_to_sums(ConstArrayView x, double coarse, double fine, double* coarse_sum,
                 double* fine_sum) {
#pragma GCC ivdep
  for (std::size_t i = 0; i < x.size; ++i) {
    const double value = x.data[i];
    const double high = (value + coarse) - coarse;
    const double low = ((value - high) + fine) - fine;
    coarse_sum[i] += high;
    fine_sum[i] += low;
  }
}

void mean_of_sums(const double* coarse_sum, const double* fine_sum, double n, double* mean,
                  std::size_t size, const Device&) {
#pragma GCC ivdep
  for (std::size_t i = 0; i < size; ++i) mean[i] = (coarse_sum[i] + fine_sum[i]) / n;
}

double squared_distance(ConstArrayView x, const double* mean) {
  constexpr std::size_t kLanes = 8;
  double lane[kLanes] = {};
  const auto add = [&](std::size_t i, std::size_t k) {
    const double difference = double(x.data[i + k]) - mean[i + k];
    lane[k] += difference * difference;
  };
  const std::size_t whole = x.size - x.size % kLanes;
  for (std::size_t i = 0; i < whole; i += kLanes) {
    for (std::size_t k = 0; k < kLanes; ++k) add(i, k);
  }
  for (std::size_t k = 0; whole + k < x.size; ++k) add(whole, k);
  return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

}  // namespace kith::kernels::KITH_LEVEL
