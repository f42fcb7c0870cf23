#include "kernels/sparse.h"

#include "kernels/device.h"

namespace kith::kernels {

namespace generic {
decltype(kernels::gather) gather;
decltype(kernels::scatter) scatter;
decltype(kernels::scatter_add) scatter_add;
decltype(kernels::scatter_add_difference) scatter_add_difference;
}  // namespace generic
namespace v3 {
decltype(kernels::gather) gather;
decltype(kernels::scatter) scatter;
decltype(kernels::scatter_add) scatter_add;
decltype(kernels::scatter_add_difference) scatter_add_difference;
}  // namespace v3

void gather(ConstArrayView x, std::span<const std::uint32_t> indices, ArrayView values) {
  at(x.device, &DeviceKernels::gather, generic::gather, v3::gather)(x, indices, values);
}

void scatter(std::span<const std::uint32_t> indices, ConstArrayView values, ArrayView out) {
  at(out.device, &DeviceKernels::scatter, generic::scatter, v3::scatter)(indices, values, out);
}

void scatter_add(std::span<const std::uint32_t> indices, float scale, ConstArrayView values,
                 ArrayView out) {
  at(out.device, &DeviceKernels::scatter_add, generic::scatter_add, v3::scatter_add)(indices, scale,
                                                                                     values, out);
}

void scatter_add_difference(std::span<const std::uint32_t> indices, float scale,
                            ConstArrayView values, ConstArrayView x, ArrayView out) {
  at(out.device, &DeviceKernels::scatter_add_difference, generic::scatter_add_difference,
     v3::scatter_add_difference)(indices, scale, values, x, out);
}

}  // namespace kith::kernels
