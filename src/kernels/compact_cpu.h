#pragma once

#include <cstddef>
#include <cstdint>

#include "core/inline.h"
#include "kernels/magnitude.h"

#ifdef __AVX2__
#include <immintrin.h>
#endif

/// For loops that are compiled per level: moving the wanted ones of eight lanes to the front.
namespace kith::kernels::KITH_LEVEL {
namespace {

#ifdef __AVX2__

/// For each set of lanes (bit k: lane k), the lanes in the set, ascending, in bytes.
struct Places {
  constexpr Places() {
    for (unsigned set = 0; set < 256; ++set) {
      unsigned count = 0;
      for (unsigned lane = 0; lane < 8; ++lane) {
        if (set >> lane & 1) of[set] |= std::uint64_t{lane} << 8 * count++;
      }
    }
  }

  std::uint64_t of[256] = {};
};
constexpr Places kPlaces;

/// The numbers of the lanes in `set`, ascending; zeros behind them.
KITH_INLINE __m256i places(unsigned set) {
  return _mm256_cvtepu8_epi32(_mm_cvtsi64_si128(static_cast<long long>(kPlaces.of[set])));
}

/// The set of the lanes that are all ones.
KITH_INLINE unsigned lanes_set(__m256i mask) {
  return static_cast<unsigned>(_mm256_movemask_ps(_mm256_castsi256_ps(mask)));
}

KITH_INLINE std::size_t count_of(unsigned set) {
  return static_cast<std::size_t>(__builtin_popcount(set));
}

KITH_INLINE __m256i load_lanes(const void* from) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}

KITH_INLINE void store_lanes(void* to, __m256i lanes) {
  _mm256_storeu_si256(static_cast<__m256i*>(to), lanes);
}

/// The bits of floats without their signs.
KITH_INLINE __m256i magnitudes(__m256i words) {
  return _mm256_and_si256(words, _mm256_set1_epi32(kMagnitude));
}

#endif

}  // namespace
}  // namespace kith::kernels::KITH_LEVEL
