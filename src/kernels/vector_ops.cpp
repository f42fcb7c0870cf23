#include "kernels/vector_ops.h"

#include <algorithm>

#include "kernels/device.h"

namespace kith::kernels {

namespace generic {
decltype(kernels::subtract) subtract;
decltype(kernels::add_scaled) add_scaled;
decltype(kernels::weighted_sum) weighted_sum;
decltype(kernels::divide) divide;
decltype(kernels::all_finite) all_finite;
decltype(kernels::max_abs) max_abs;
}  // namespace generic
namespace v3 {
decltype(kernels::subtract) subtract;
decltype(kernels::add_scaled) add_scaled;
decltype(kernels::weighted_sum) weighted_sum;
decltype(kernels::divide) divide;
decltype(kernels::all_finite) all_finite;
decltype(kernels::max_abs) max_abs;
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

}  // namespace kith::kernels
