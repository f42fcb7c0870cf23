#include "kernels/norms.h"

#include "kernels/device.h"

namespace kith::kernels {

namespace generic {
decltype(kernels::absolute_sum) absolute_sum;
decltype(kernels::dot) dot;
decltype(kernels::squared_difference) squared_difference;
decltype(kernels::extent) extent;
}  // namespace generic
namespace v3 {
decltype(kernels::absolute_sum) absolute_sum;
decltype(kernels::dot) dot;
decltype(kernels::squared_difference) squared_difference;
decltype(kernels::extent) extent;
}  // namespace v3

double absolute_sum(ConstArrayView x) {
  return at(x.device, &DeviceKernels::absolute_sum, generic::absolute_sum, v3::absolute_sum)(x);
}

double dot(ConstArrayView a, ConstArrayView b) {
  return at(a.device, &DeviceKernels::dot, generic::dot, v3::dot)(a, b);
}

double squared_difference(ConstArrayView a, ConstArrayView b) {
  return at(a.device, &DeviceKernels::squared_difference, generic::squared_difference,
            v3::squared_difference)(a, b);
}

Extent extent(ConstArrayView x) {
  return at(x.device, &DeviceKernels::extent, generic::extent, v3::extent)(x);
}

}  // namespace kith::kernels
