#include "kernels/bit_pack.h"

#include <cassert>

#include "kernels/level.h"

namespace kith::kernels {

namespace generic {
decltype(kernels::bit_pack) bit_pack;
decltype(kernels::bit_unpack) bit_unpack;
}  // namespace generic
namespace v3 {
decltype(kernels::bit_pack) bit_pack;
decltype(kernels::bit_unpack) bit_unpack;
}  // namespace v3

void bit_pack(std::span<const std::uint32_t> numbers, int width, std::byte* out) {
  at_level(generic::bit_pack, v3::bit_pack)(numbers, width, out);
}

void bit_unpack(std::span<const std::byte> packed, int width, std::span<std::uint32_t> out) {
  assert(packed.size() >= packed_bytes(out.size(), width));
  at_level(generic::bit_unpack, v3::bit_unpack)(packed, width, out);
}

}  // namespace kith::kernels
