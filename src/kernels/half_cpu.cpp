#include "kernels/arithmetic.h"
#include "kernels/half.h"

#ifdef __F16C__
#include <immintrin.h>
#endif

namespace kith::kernels::KITH_LEVEL {
namespace {

KITH_INLINE std::uint16_t load(const std::uint8_t* bytes) {
  std::uint16_t code;
  __builtin_memcpy(&code, bytes, sizeof code);
  return code;
}

KITH_INLINE void store(std::uint16_t code, std::uint8_t* bytes) {
  __builtin_memcpy(bytes, &code, sizeof code);
}

}  // namespace

void to_bf16(ConstArrayView x, std::uint8_t* bytes) {
  std::uint8_t* __restrict const out = bytes;
  for (std::size_t i = 0; i < x.size; ++i) store(kernels::to_bf16(x.data[i]), out + 2 * i);
}

void add_bf16(const std::uint8_t* bytes, float scale, ArrayView out) {
  const std::uint8_t* __restrict const in = bytes;
  for (std::size_t i = 0; i < out.size; ++i) {
    out.data[i] = plus_weighted(out.data[i], scale, from_bf16(load(in + 2 * i)));
  }
}

void to_fp16(ConstArrayView x, std::uint8_t* bytes) {
  std::size_t i = 0;
#ifdef __F16C__  // the processor's own conversion does what to_fp16 says
  for (; i + 8 <= x.size; i += 8) {
    const __m128i eight = _mm256_cvtps_ph(_mm256_loadu_ps(x.data + i), _MM_FROUND_TO_NEAREST_INT);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(bytes + 2 * i), eight);
  }
#endif
  for (; i < x.size; ++i) store(kernels::to_fp16(x.data[i]), bytes + 2 * i);
}

void add_fp16(const std::uint8_t* bytes, float scale, ArrayView out) {
  std::size_t i = 0;
#ifdef __F16C__
  for (; i + 8 <= out.size; i += 8) {
    const __m256 eight =
        _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + 2 * i)));
    const __m256 sum = _mm256_loadu_ps(out.data + i);
    _mm256_storeu_ps(out.data + i, _mm256_add_ps(sum, _mm256_mul_ps(_mm256_set1_ps(scale), eight)));
  }
#endif
  for (; i < out.size; ++i) {
    out.data[i] = plus_weighted(out.data[i], scale, from_fp16(load(bytes + 2 * i)));
  }
}

bool sixteen_bits_finite(const std::uint8_t* bytes, std::size_t count, std::uint16_t exponent,
                         const Device&) {
  std::uint16_t found = 0;
  for (std::size_t i = 0; i < count; ++i) {
    found |= (load(bytes + 2 * i) & exponent) == exponent ? 1 : 0;
  }
  return found == 0;
}

}  // namespace kith::kernels::KITH_LEVEL
