#include "kernels/compact_cpu.h"
#include "kernels/magnitude.h"
#include "kernels/top_k.h"

namespace kith::kernels::KITH_LEVEL {
namespace {

/// The bits of a float32, read where the float lies.
using Word [[gnu::may_alias]] = std::uint32_t;

/// Elements of a vector, by their bits, and where they stand in it: at `indices`, ascending, or
/// one after the other where that is null.
struct Elements {
  const Word* words;
  const std::uint32_t* indices;
  std::size_t size;
};

/// A run of bits of a magnitude.
template <int shift, int bits>
struct Digit {
  static constexpr std::uint32_t kBuckets = 1u << bits;

  KITH_INLINE static std::uint32_t of(std::uint32_t word) { return word >> shift & (kBuckets - 1); }

  /// The digit of the element with `wanted` − 1 larger ones, all higher digits being equal. Takes
  /// off `wanted` the elements whose digit is larger.
  [[gnu::noinline]] static std::uint32_t find(const Word* words, std::size_t size,
                                              std::size_t& wanted) {
    // Neighbors are often alike: several histograms, so that an increment need not wait for the
    // one before.
    constexpr std::size_t kHistograms = 4;
    std::uint32_t counts[kHistograms][kBuckets] = {};
    std::size_t i = 0;
    for (; i + kHistograms <= size; i += kHistograms) {
      for (std::size_t k = 0; k < kHistograms; ++k) ++counts[k][of(words[i + k])];
    }
    for (; i < size; ++i) ++counts[0][of(words[i])];
    for (std::uint32_t digit = kBuckets - 1;; --digit) {
      std::size_t count = 0;
      for (std::size_t k = 0; k < kHistograms; ++k) count += counts[k][digit];
      if (count >= wanted || digit == 0) return digit;
      wanted -= count;
    }
  }

  /// Writes the magnitudes with this digit to `out`, which may be `words` and has room for eight
  /// more; returns how many there are.
  [[gnu::noinline]] static std::size_t filter(const Word* words, std::size_t size,
                                              std::uint32_t digit, Word* out) {
    std::size_t count = 0, i = 0;
#ifdef __AVX2__
    const __m256i wanted = _mm256_set1_epi32(static_cast<int>(digit << shift));
    const __m256i digit_mask = _mm256_set1_epi32(static_cast<int>((kBuckets - 1) << shift));
    for (; i + 8 <= size; i += 8) {
      const __m256i word = load_lanes(words + i);
      const unsigned set =
          lanes_set(_mm256_cmpeq_epi32(_mm256_and_si256(word, digit_mask), wanted));
      store_lanes(out + count, _mm256_permutevar8x32_epi32(magnitudes(word), places(set)));
      count += count_of(set);
    }
#endif
    for (; i < size; ++i) {
      const std::uint32_t word = words[i];
      out[count] = word & kMagnitude;
      count += of(word) == digit;
    }
    return count;
  }
};

using FirstDigit = Digit<20, 11>;
using SecondDigit = Digit<10, 10>;
using ThirdDigit = Digit<0, 10>;

/// The least magnitude that is picked: every larger one is, and of those equal to it the first
/// `ties`.
struct Least {
  std::uint32_t magnitude;
  std::size_t ties;
};

/// That of the `wanted` largest elements, of which there are as many at least. `scratch` has room
/// for eight more than there are elements.
Least find_least(const Elements& all, std::size_t wanted, Word* scratch) {
  const std::uint32_t first = FirstDigit::find(all.words, all.size, wanted);
  std::size_t left = FirstDigit::filter(all.words, all.size, first, scratch);
  const std::uint32_t second = SecondDigit::find(scratch, left, wanted);
  left = SecondDigit::filter(scratch, left, second, scratch);
  const std::uint32_t third = ThirdDigit::find(scratch, left, wanted);
  return {first << 20 | second << 10 | third, wanted};
}

/// A magnitude that, going by a sample, a few more than `wanted` elements reach.
std::uint32_t guess_least(const Elements& all, std::size_t wanted) {
  constexpr std::size_t kSample = 4096;
  Word sample[kSample + 8];
  const std::size_t stride = all.size / kSample;
  for (std::size_t i = 0; i < kSample; ++i) sample[i] = all.words[i * stride];
  // The number of wanted ones in the sample has at most this variance: four deviations and a few.
  const double expected = static_cast<double>(wanted) * kSample / static_cast<double>(all.size);
  auto rank = static_cast<std::size_t>(expected + 4 * __builtin_sqrt(expected) + 4);
  const std::uint32_t first = FirstDigit::find(sample, kSample, rank);
  const std::size_t left = FirstDigit::filter(sample, kSample, first, sample);
  return first << 20 | SecondDigit::find(sample, left, rank) << 10;
}

/// Writes the elements of magnitude `least` or more to `words` and `indices`, which have room for
/// `most` + 8; returns how many there are, or more than `most`.
std::size_t collect(const Elements& all, std::uint32_t least, std::size_t most, Word* words,
                    std::uint32_t* indices) {
  std::size_t count = 0, i = 0;
#ifdef __AVX2__
  const __m256i below = _mm256_set1_epi32(static_cast<int>(least) - 1);
  for (; i + 8 <= all.size && count <= most; i += 8) {
    const __m256i word = load_lanes(all.words + i);
    const unsigned set = lanes_set(_mm256_cmpgt_epi32(magnitudes(word), below));
    const __m256i lanes = places(set);
    store_lanes(words + count, _mm256_permutevar8x32_epi32(word, lanes));
    store_lanes(indices + count, _mm256_add_epi32(_mm256_set1_epi32(static_cast<int>(i)), lanes));
    count += count_of(set);
  }
#endif
  for (; i < all.size && count <= most; ++i) {
    const std::uint32_t word = all.words[i];
    words[count] = word;
    indices[count] = static_cast<std::uint32_t>(i);
    count += (word & kMagnitude) >= least;
  }
  return count;
}

void pick(const Elements& all, Least least, std::uint32_t* indices, Word* values, std::size_t k) {
  std::size_t count = 0, i = 0, ties = least.ties;
#ifdef __AVX2__
  const __m256i equal = _mm256_set1_epi32(static_cast<int>(least.magnitude));
  for (; i + 8 <= all.size && count + 8 <= k; i += 8) {
    const __m256i word = load_lanes(all.words + i);
    unsigned tied = lanes_set(_mm256_cmpeq_epi32(magnitudes(word), equal));
    while (count_of(tied) > ties) tied &= ~(1u << (31 - __builtin_clz(tied)));
    ties -= count_of(tied);
    const unsigned set = lanes_set(_mm256_cmpgt_epi32(magnitudes(word), equal)) | tied;
    const __m256i lanes = places(set);
    store_lanes(values + count, _mm256_permutevar8x32_epi32(word, lanes));
    store_lanes(indices + count,
                all.indices ? _mm256_permutevar8x32_epi32(load_lanes(all.indices + i), lanes)
                            : _mm256_add_epi32(_mm256_set1_epi32(static_cast<int>(i)), lanes));
    count += count_of(set);
  }
#endif
  for (; i < all.size && count < k; ++i) {
    const std::uint32_t magnitude = all.words[i] & kMagnitude;
    const bool tied = magnitude == least.magnitude && ties > 0;
    ties -= tied;
    values[count] = all.words[i];
    indices[count] = all.indices ? all.indices[i] : static_cast<std::uint32_t>(i);
    count += magnitude > least.magnitude || tied;
  }
}

}  // namespace

void top_k(ConstArrayView x, std::span<std::uint32_t> scratch, std::span<std::uint32_t> indices,
           ArrayView values) {
  const std::size_t k = indices.size();
  if (k == 0) return;
  auto* const out = reinterpret_cast<Word*>(values.data);
  Word* const room = scratch.data();
  Elements elements{reinterpret_cast<const Word*>(x.data), nullptr, x.size};

  // Two passes over a long vector are saved where a sample tells what need not be looked at.
  constexpr std::size_t kLong = 1 << 15;
  const std::size_t third = scratch.size() / 3;
  if (x.size >= kLong && k <= x.size / 5) {
    const std::size_t most = third - 8;
    const std::size_t count =
        collect(elements, guess_least(elements, k), most, room + third, scratch.data());
    if (count >= k && count <= most) {
      elements = {room + third, scratch.data(), count};
      const Least least = find_least(elements, k, room + 2 * third);
      return pick(elements, least, indices.data(), out, k);
    }
  }
  pick(elements, find_least(elements, k, room), indices.data(), out, k);
}

}  // namespace kith::kernels::KITH_LEVEL
