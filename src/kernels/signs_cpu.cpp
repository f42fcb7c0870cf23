#include "kernels/signs.h"

#ifdef __AVX2__
#include <immintrin.h>
#endif

namespace kith::kernels::KITH_LEVEL {

void sign_bits(ConstArrayView x, std::uint8_t* bits) {
  std::size_t i = 0;
#ifdef __AVX2__
  for (; i + 8 <= x.size; i += 8) {
    *bits++ = static_cast<std::uint8_t>(_mm256_movemask_ps(_mm256_loadu_ps(x.data + i)));
  }
#endif
  for (; i < x.size; i += 8, ++bits) {
    const std::size_t count = x.size - i < 8 ? x.size - i : 8;
    unsigned byte = 0;
    for (std::size_t k = 0; k < count; ++k) {
      byte |= __builtin_bit_cast(std::uint32_t, x.data[i + k]) >> 31 << k;
    }
    *bits = static_cast<std::uint8_t>(byte);
  }
}

void add_signs(const std::uint8_t* bits, float value, ArrayView out) {
  std::size_t i = 0;
#ifdef __AVX2__
  const __m256i lane_bit = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
  const __m256i sign = _mm256_set1_epi32(INT32_MIN);
  const __m256 magnitude = _mm256_set1_ps(value);
  for (; i + 8 <= out.size; i += 8) {
    const __m256i byte = _mm256_set1_epi32(bits[i / 8]);
    const __m256i set = _mm256_cmpeq_epi32(_mm256_and_si256(byte, lane_bit), lane_bit);
    const __m256 flip = _mm256_castsi256_ps(_mm256_and_si256(set, sign));
    const __m256 sum = _mm256_add_ps(_mm256_loadu_ps(out.data + i), _mm256_xor_ps(magnitude, flip));
    _mm256_storeu_ps(out.data + i, sum);
  }
#endif
  const auto positive = __builtin_bit_cast(std::uint32_t, value);
  for (; i < out.size; ++i) {
    const std::uint32_t flip = std::uint32_t{bits[i / 8]} >> i % 8 << 31;
    out.data[i] += __builtin_bit_cast(float, positive ^ flip);
  }
}

}  // namespace kith::kernels::KITH_LEVEL
