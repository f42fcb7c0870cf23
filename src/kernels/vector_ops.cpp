#include "kernels/vector_ops.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "kernels/device.h"

namespace kith::kernels {

namespace generic {
decltype(kernels::subtract) subtract;
decltype(kernels::add_scaled) add_scaled;
decltype(kernels::weighted_sum) weighted_sum;
decltype(kernels::divide) divide;
decltype(kernels::all_finite) all_finite;
decltype(kernels::max_abs) max_abs;
decltype(kernels::add_to_sums) add_to_sums;
decltype(kernels::mean_of_sums) mean_of_sums;
decltype(kernels::squared_distance) squared_distance;
}  // namespace generic
namespace v3 {
decltype(kernels::subtract) subtract;
decltype(kernels::add_scaled) add_scaled;
decltype(kernels::weighted_sum) weighted_sum;
decltype(kernels::divide) divide;
decltype(kernels::all_finite) all_finite;
decltype(kernels::max_abs) max_abs;
decltype(kernels::add_to_sums) add_to_sums;
decltype(kernels::mean_of_sums) mean_of_sums;
decltype(kernels::squared_distance) squared_distance;
}  // namespace v3

void fill(ArrayView out, float value) {
  if (!out.device.is_cpu()) return device_kernels().fill(out, value);
  std::fill(out.begin(), out.end(), value);
}

void subtract(ConstArrayView a, ConstArrayView b, ArrayView out) {
  at(out.device, &DeviceKernels::subtract, generic::subtract, v3::subtract)(a, b, out);
}

void add_scaled(ConstArrayView x, float scale, ConstArrayView y, ArrayView out) {
  at(out.device, &DeviceKernels::add_scaled, generic::add_scaled, v3::add_scaled)(x, scale, y, out);
}

void weighted_sum(float a, ConstArrayView x, float b, ConstArrayView y, ArrayView out) {
  at(out.device, &DeviceKernels::weighted_sum, generic::weighted_sum, v3::weighted_sum)(a, x, b, y,
                                                                                        out);
}

void divide(ArrayView x, double by) {
  at(x.device, &DeviceKernels::divide, generic::divide, v3::divide)(x, by);
}

bool all_finite(ConstArrayView x) {
  return at(x.device, &DeviceKernels::all_finite, generic::all_finite, v3::all_finite)(x);
}

float max_abs(ConstArrayView x) {
  return at(x.device, &DeviceKernels::max_abs, generic::max_abs, v3::max_abs)(x);
}

void add_to_sums(ConstArrayView x, double coarse, double fine, double* coarse_sum,
                 double* fine_sum) {
  at(x.device, &DeviceKernels::add_to_sums, generic::add_to_sums, v3::add_to_sums)(
      x, coarse, fine, coarse_sum, fine_sum);
}

void mean_of_sums(const double* coarse_sum, const double* fine_sum, double n, double* mean,
                  std::size_t size, const Device& device) {
  at(device, &DeviceKernels::mean_of_sums, generic::mean_of_sums, v3::mean_of_sums)(
      coarse_sum, fine_sum, n, mean, size, device);
}

SumBins exact_sum_bins(float largest, std::int64_t n) {
  // A double keeps 53 bits. Each of n numbers of at most 2^e, rounded to a multiple of 2^(E − 52)
  // by adding 1.5 · 2^E, sums up without rounding while n · 2^e <= 2^(E − 1).
  constexpr int kBits = 53;
  int exponent = 0;
  std::frexp(largest, &exponent);
  const int room = 1 + std::bit_width(static_cast<std::uint64_t>(n));
  const int coarse = exponent + room;
  const int fine = coarse - kBits + room;
  return {std::ldexp(1.5, coarse), std::ldexp(1.5, fine)};
}

double squared_distance(ConstArrayView x, const double* mean) {
  return at(x.device, &DeviceKernels::squared_distance, generic::squared_distance,
            v3::squared_distance)(x, mean);
}

}  // namespace kith::kernels
