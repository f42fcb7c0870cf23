#include "kernels/code_pack.h"

#include <cassert>

#include "kernels/device.h"

namespace kith::kernels {

namespace generic {
decltype(kernels::pack_codes) pack_codes;
decltype(kernels::unpack_codes) unpack_codes;
}  // namespace generic
namespace v3 {
decltype(kernels::pack_codes) pack_codes;
decltype(kernels::unpack_codes) unpack_codes;
}  // namespace v3

void pack_codes(std::span<const std::uint8_t> codes, unsigned width, std::uint8_t* bytes,
                const Device& device) {
  assert(width >= 1 && width <= 8);
  at(device, &DeviceKernels::pack_codes, generic::pack_codes, v3::pack_codes)(codes, width, bytes,
                                                                              device);
}

void unpack_codes(const std::uint8_t* bytes, unsigned width, std::span<std::uint8_t> codes,
                  const Device& device) {
  assert(width >= 1 && width <= 8);
  at(device, &DeviceKernels::unpack_codes, generic::unpack_codes, v3::unpack_codes)(bytes, width,
                                                                                    codes, device);
}

}  // namespace kith::kernels
