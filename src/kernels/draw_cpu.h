#pragma once

#include <cstddef>
#include <cstdint>

#include "core/random.h"

#ifdef __AVX2__
#include <immintrin.h>
#endif

/// For loops that are compiled per level: random words, a cache-resident run of them at a time.
namespace kith::kernels::KITH_LEVEL {
namespace {

#ifdef __AVX2__

constexpr std::size_t kBlocksAtOnce = 4;

/// Blocks `block` .. `block` + 3, word by word in lanes of 64 bits: the multiplication reads only
/// the lower half of a lane, so the upper one may hold anything.
KITH_INLINE void draw_blocks(const Stream& stream, std::uint32_t block, std::uint32_t* words) {
  const philox::Block counter = stream.counter(block);
  philox::Key key = stream.key();
  const __m256i multiplier0 = _mm256_set1_epi64x(philox::kMultiplier0);
  const __m256i multiplier1 = _mm256_set1_epi64x(philox::kMultiplier1);
  __m256i c0 = _mm256_add_epi32(_mm256_set1_epi64x(counter.word[0]), _mm256_set_epi64x(3, 2, 1, 0));
  __m256i c1 = _mm256_set1_epi64x(counter.word[1]);
  __m256i c2 = _mm256_set1_epi64x(counter.word[2]);
  __m256i c3 = _mm256_set1_epi64x(counter.word[3]);
  for (int round = 0; round < philox::kRounds; ++round) {
    const __m256i a = _mm256_mul_epu32(c0, multiplier0);
    const __m256i b = _mm256_mul_epu32(c2, multiplier1);
    const __m256i key0 = _mm256_set1_epi64x(key.word[0]);
    const __m256i key1 = _mm256_set1_epi64x(key.word[1]);
    c0 = _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(b, 32), c1), key0);
    c2 = _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(a, 32), c3), key1);
    c1 = b;
    c3 = a;
    key.word[0] += philox::kWeyl0;
    key.word[1] += philox::kWeyl1;
  }
  const __m256i low01 = _mm256_blend_epi32(c0, _mm256_slli_epi64(c1, 32), 0xAA);
  const __m256i low23 = _mm256_blend_epi32(c2, _mm256_slli_epi64(c3, 32), 0xAA);
  const __m256i even = _mm256_unpacklo_epi64(low01, low23);  // blocks 0 and 2
  const __m256i odd = _mm256_unpackhi_epi64(low01, low23);   // blocks 1 and 3
  auto* const out = reinterpret_cast<__m256i*>(words);
  _mm256_store_si256(out, _mm256_permute2x128_si256(even, odd, 0x20));
  _mm256_store_si256(out + 1, _mm256_permute2x128_si256(even, odd, 0x31));
}

#else

constexpr std::size_t kBlocksAtOnce = 1;

KITH_INLINE void draw_blocks(const Stream& stream, std::uint32_t block, std::uint32_t* words) {
  const philox::Block drawn = philox::block(stream.counter(block), stream.key());
  for (int k = 0; k < 4; ++k) words[k] = drawn.word[k];
}

#endif

/// Up to kMost words of a stream.
class Draw {
 public:
  static constexpr std::size_t kMost = 1024;

  /// Words `first` .. `first` + count − 1 of `stream`; count <= kMost. Valid until the next call.
  KITH_INLINE const std::uint32_t* words(const Stream& stream, std::size_t first,
                                         std::size_t count) {
    const std::size_t begin = first / 4;
    const std::size_t blocks = (first + count + 3) / 4 - begin;
    for (std::size_t k = 0; k < blocks; k += kBlocksAtOnce) {
      draw_blocks(stream, static_cast<std::uint32_t>(begin + k), words_ + 4 * k);
    }
    return words_ + first % 4;
  }

 private:
  // The first word wanted may be the last of its block, and the last one the first of those that
  // are drawn at once.
  alignas(32) std::uint32_t words_[kMost + 4 + 4 * kBlocksAtOnce];
};

}  // namespace
}  // namespace kith::kernels::KITH_LEVEL
