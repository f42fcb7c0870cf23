#include "kernels/bit_pack.h"

#include <cassert>

#include "kernels/device.h"

namespace kith::kernels {

namespace generic {
decltype(kernels::bit_pack) bit_pack;
decltype(kernels::bit_unpack) bit_unpack;
}  // namespace generic
namespace v3 {
decltype(kernels::bit_pack) bit_pack;
decltype(kernels::bit_unpack) bit_unpack;
}  // namespace v3

void bit_pack(std::span<const std::uint32_t> numbers, int width, std::byte* out,
              const Device& device) {
  at(device, &DeviceKernels::bit_pack, generic::bit_pack, v3::bit_pack)(numbers, width, out,
                                                                        device);
}

void bit_unpack(std::span<const std::byte> packed, int width, std::span<std::uint32_t> out,
                const Device& device) {
  assert(packed.size() >= packed_bytes(out.size(), width));
  at(device, &DeviceKernels::bit_unpack, generic::bit_unpack, v3::bit_unpack)(packed, width, out,
                                                                              device);
}

}  // namespace kith::kernels
