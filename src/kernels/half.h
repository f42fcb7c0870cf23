#pragma once

#include <cstdint>

#include "core/array.h"
#include "core/inline.h"

/// Sixteen-bit floats: bf16 (8 bits of exponent, 7 of fraction) and IEEE 754's binary16 (5 and 10),
/// rounded to nearest, ties to even. What is too large becomes infinity; NaN stays NaN.
namespace kith::kernels {

KITH_INLINE std::uint16_t to_bf16(float x) {
  const auto bits = __builtin_bit_cast(std::uint32_t, x);
  const bool is_nan = (bits & 0x7fffffff) > 0x7f800000;
  const std::uint32_t rounded = bits + 0x7fff + (bits >> 16 & 1);
  return static_cast<std::uint16_t>((is_nan ? bits | 0x400000 : rounded) >> 16);
}

KITH_INLINE float from_bf16(std::uint16_t code) {
  return __builtin_bit_cast(float, std::uint32_t{code} << 16);
}

KITH_INLINE std::uint16_t to_fp16(float x) {
  const auto bits = __builtin_bit_cast(std::uint32_t, x);
  const std::uint32_t sign = bits >> 16 & 0x8000;
  const std::uint32_t magnitude = bits & 0x7fffffff;
  // Normal: the exponent moves from bias 127 to 15, and 13 bits of fraction are rounded off.
  const std::uint32_t normal = (magnitude - (112u << 23) + 0xfff + (magnitude >> 13 & 1)) >> 13;
  // Below 2^-14: added to ½, the last bit of a float is worth 2^-24, as in these numbers.
  const float shifted = __builtin_bit_cast(float, magnitude) + 0.5f;
  const std::uint32_t small = __builtin_bit_cast(std::uint32_t, shifted) - 0x3f000000;
  const std::uint32_t nan = 0x7e00 | (magnitude >> 13 & 0x3ff);
  std::uint32_t code = magnitude < (113u << 23) ? small : normal;
  code = magnitude >= 0x47800000 ? 0x7c00 : code;  // 2^16; what rounds up to it gets there itself
  code = magnitude > 0x7f800000 ? nan : code;
  return static_cast<std::uint16_t>(code | sign);
}

KITH_INLINE float from_fp16(std::uint16_t code) {
  const std::uint32_t sign = std::uint32_t{code & 0x8000u} << 16;
  const std::uint32_t magnitude = code & 0x7fffu;
  const std::uint32_t normal = (magnitude << 13) + (112u << 23);
  const float small = static_cast<float>(static_cast<std::int32_t>(magnitude)) * 0x1p-24f;
  std::uint32_t bits = magnitude < 0x400 ? __builtin_bit_cast(std::uint32_t, small) : normal;
  bits = magnitude >= 0x7c00 ? 0x7f800000 | magnitude << 13 : bits;
  bits = magnitude > 0x7c00 ? bits | 0x400000 : bits;
  return __builtin_bit_cast(float, bits | sign);
}

/// x_i in sixteen bits, in bytes 2i and 2i + 1, the lower byte first
void to_bf16(ConstArrayView x, std::uint8_t* bytes);
void to_fp16(ConstArrayView x, std::uint8_t* bytes);

/// out_i += scale · what bytes 2i and 2i + 1 stand for
void add_bf16(const std::uint8_t* bytes, float scale, ArrayView out);
void add_fp16(const std::uint8_t* bytes, float scale, ArrayView out);

inline constexpr std::uint16_t kBf16Exponent = 0x7f80;
inline constexpr std::uint16_t kFp16Exponent = 0x7c00;

/// Whether no code, of `count` in the memory of `device`, has all bits of `exponent` set: the
/// format's infinities and NaN do.
bool sixteen_bits_finite(const std::uint8_t* bytes, std::size_t count, std::uint16_t exponent,
                         const Device& device = {});

}  // namespace kith::kernels
