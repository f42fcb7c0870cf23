#include "kernels/signs.h"

#include "kernels/device.h"

namespace kith::kernels {

namespace generic {
decltype(kernels::sign_bits) sign_bits;
decltype(kernels::add_signs) add_signs;
}  // namespace generic
namespace v3 {
decltype(kernels::sign_bits) sign_bits;
decltype(kernels::add_signs) add_signs;
}  // namespace v3

void sign_bits(ConstArrayView x, std::uint8_t* bits) {
  at(x.device, &DeviceKernels::sign_bits, generic::sign_bits, v3::sign_bits)(x, bits);
}

void add_signs(const std::uint8_t* bits, float value, ArrayView out) {
  at(out.device, &DeviceKernels::add_signs, generic::add_signs, v3::add_signs)(bits, value, out);
}

}  // namespace kith::kernels
