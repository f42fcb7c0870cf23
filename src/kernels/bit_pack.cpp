#include "kernels/bit_pack.h"

#include <cassert>

#include "kernels/level.h"

namespace kith::kernels {

namespace generic {
decltype(kernels::pack_bits) pack_bits;
decltype(kernels::unpack_bits) unpack_bits;
decltype(kernels::sign_bits) sign_bits;
decltype(kernels::add_signs) add_signs;
}  // namespace generic
namespace v3 {
decltype(kernels::pack_bits) pack_bits;
decltype(kernels::unpack_bits) unpack_bits;
decltype(kernels::sign_bits) sign_bits;
decltype(kernels::add_signs) add_signs;
}  // namespace v3

void pack_bits(std::span<const std::uint8_t> codes, unsigned width, std::uint8_t* bytes) {
  assert(width >= 1 && width <= 8);
  at_level(generic::pack_bits, v3::pack_bits)(codes, width, bytes);
}

void unpack_bits(const std::uint8_t* bytes, unsigned width, std::span<std::uint8_t> codes) {
  assert(width >= 1 && width <= 8);
  at_level(generic::unpack_bits, v3::unpack_bits)(bytes, width, codes);
}

void sign_bits(ConstArrayView x, std::uint8_t* bits) {
  at_level(generic::sign_bits, v3::sign_bits)(x, bits);
}

void add_signs(const std::uint8_t* bits, float value, ArrayView out) {
  at_level(generic::add_signs, v3::add_signs)(bits, value, out);
}

}  // namespace kith::kernels
