#include "kernels/half.h"

#include "kernels/device.h"

namespace kith::kernels {

using Encode = void(ConstArrayView, std::uint8_t*);

namespace generic {
Encode to_bf16;
Encode to_fp16;
decltype(kernels::add_bf16) add_bf16;
decltype(kernels::add_fp16) add_fp16;
decltype(kernels::sixteen_bits_finite) sixteen_bits_finite;
}  // namespace generic
namespace v3 {
Encode to_bf16;
Encode to_fp16;
decltype(kernels::add_bf16) add_bf16;
decltype(kernels::add_fp16) add_fp16;
decltype(kernels::sixteen_bits_finite) sixteen_bits_finite;
}  // namespace v3

void to_bf16(ConstArrayView x, std::uint8_t* bytes) {
  at<Encode>(x.device, &DeviceKernels::to_bf16, generic::to_bf16, v3::to_bf16)(x, bytes);
}

void to_fp16(ConstArrayView x, std::uint8_t* bytes) {
  at<Encode>(x.device, &DeviceKernels::to_fp16, generic::to_fp16, v3::to_fp16)(x, bytes);
}

void add_bf16(const std::uint8_t* bytes, float scale, ArrayView out) {
  at(out.device, &DeviceKernels::add_bf16, generic::add_bf16, v3::add_bf16)(bytes, scale, out);
}

void add_fp16(const std::uint8_t* bytes, float scale, ArrayView out) {
  at(out.device, &DeviceKernels::add_fp16, generic::add_fp16, v3::add_fp16)(bytes, scale, out);
}

bool sixteen_bits_finite(const std::uint8_t* bytes, std::size_t count, std::uint16_t exponent,
                         const Device& device) {
  return at(device, &DeviceKernels::sixteen_bits_finite, generic::sixteen_bits_finite,
            v3::sixteen_bits_finite)(bytes, count, exponent, device);
}

}  // namespace kith::kernels
