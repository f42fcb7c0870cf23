#include "kernels/compact_cpu.h"
#include "kernels/draw_cpu.h"
#include "kernels/random_bits.h"

namespace kith::kernels::KITH_LEVEL {
namespace {

/// Bit k: whether words[k] is below `threshold`, for k < 8.
KITH_INLINE unsigned below(const std::uint32_t* words, std::uint64_t threshold) {
  if (threshold > UINT32_MAX) return 0xff;
#ifdef __AVX2__
  // The order of unsigned numbers is that of signed ones after a flip of the upper bit.
  const __m256i flip = _mm256_set1_epi32(INT32_MIN);
  const __m256i limit = _mm256_xor_si256(_mm256_set1_epi32(static_cast<int>(threshold)), flip);
  return lanes_set(_mm256_cmpgt_epi32(limit, _mm256_xor_si256(load_lanes(words), flip)));
#else
  unsigned set = 0;
  for (unsigned k = 0; k < 8; ++k) set |= unsigned{words[k] < threshold} << k;
  return set;
#endif
}

}  // namespace

void random_words(const Stream& stream, std::size_t first, std::span<std::uint32_t> words,
                  const Device&) {
  std::uint32_t* const out = words.data();
  const std::size_t size = words.size();
  Draw draw;
  for (std::size_t i = 0; i < size; i += Draw::kMost) {
    const std::size_t count = size - i < Draw::kMost ? size - i : Draw::kMost;
    __builtin_memcpy(out + i, draw.words(stream, first + i, count), 4 * count);
  }
}

void bernoulli_mask(const Stream& stream, std::uint64_t threshold, std::size_t size,
                    std::span<std::byte> bits, const Device&) {
  std::byte* out = bits.data();
  Draw draw;
  for (std::size_t i = 0; i < size; i += Draw::kMost) {
    // Whole bytes: the bits behind the last one are cleared below.
    const std::uint32_t* const words = draw.words(stream, i, Draw::kMost);
    const std::size_t count = size - i < Draw::kMost ? size - i : Draw::kMost;
    for (std::size_t k = 0; k < count; k += 8) *out++ = std::byte(below(words + k, threshold));
  }
  if (size % 8 != 0) out[-1] &= std::byte((1u << size % 8) - 1);
}

std::size_t indices_of_set_bits(std::span<const std::byte> bits, std::span<std::uint32_t> indices,
                                const Device&) {
  const std::byte* const in = bits.data();
  const std::size_t bytes = bits.size();
  std::uint32_t* const out = indices.data();
  std::size_t count = 0;
  for (std::size_t i = 0; i < bytes; ++i) {
    unsigned set = static_cast<unsigned>(in[i]);
#ifdef __AVX2__
    store_lanes(out + count,
                _mm256_add_epi32(_mm256_set1_epi32(static_cast<int>(8 * i)), places(set)));
    count += count_of(set);
#else
    for (; set != 0; set &= set - 1) {
      out[count++] = static_cast<std::uint32_t>(8 * i) + unsigned(__builtin_ctz(set));
    }
#endif
  }
  return count;
}

}  // namespace kith::kernels::KITH_LEVEL
