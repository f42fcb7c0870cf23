#include "kernels/sparse.h"

#include "kernels/device.h"

namespace kith::kernels {

namespace generic {
decltype(kernels::gather) gather;
decltype(kernels::scatter) scatter;
decltype(kernels::scatter_add) scatter_add;
decltype(kernels::scatter_add_difference) scatter_add_difference;
decltype(kernels::copy_at) copy_at;
decltype(kernels::shift_indices) shift_indices;
decltype(kernels::reach_bits) reach_bits;
}  // namespace generic
namespace v3 {
decltype(kernels::gather) gather;
decltype(kernels::scatter) scatter;
decltype(kernels::scatter_add) scatter_add;
decltype(kernels::scatter_add_difference) scatter_add_difference;
decltype(kernels::copy_at) copy_at;
decltype(kernels::shift_indices) shift_indices;
decltype(kernels::reach_bits) reach_bits;
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

void copy_at(std::span<const std::uint32_t> indices, ConstArrayView x, ArrayView out) {
  at(out.device, &DeviceKernels::copy_at, generic::copy_at, v3::copy_at)(indices, x, out);
}

void shift_indices(std::span<std::uint32_t> indices, std::uint32_t by, const Device& device) {
  at(device, &DeviceKernels::shift_indices, generic::shift_indices, v3::shift_indices)(indices, by,
                                                                                       device);
}

void reach_bits(ConstArrayView x, float least, std::uint8_t* bits) {
  at(x.device, &DeviceKernels::reach_bits, generic::reach_bits, v3::reach_bits)(x, least, bits);
}

}  // namespace kith::kernels
