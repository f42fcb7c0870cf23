#pragma once

#include <algorithm>
#include <span>

#include "kernels/grid/tiles.h"
#include "kernels/magnitude.h"

/// The k elements of largest magnitude, as kernels::top_k picks them on a processor: the same
/// digits, 11, 10 and 10 bits of a magnitude, and the same order.
///
/// For each digit a histogram of the elements that have the digits found so far (DigitCounts), and
/// in it the digit of the k-th largest (FindDigit). Then tiles of the vector write what is picked.
/// So the vector is read five times, and nothing depends on which thread came first.
namespace kith::kernels {

/// What is known of the least magnitude that is picked.
struct Sought {
  std::uint32_t digits;  ///< its upper bits, at their place
  std::uint32_t wanted;  ///< how many are picked of those that have these upper bits
};

/// A magnitude's digit: `bits` bits from bit `shift` on.
struct DigitPlace {
  int shift;
  int bits;
};
inline constexpr DigitPlace kDigits[] = {{20, 11}, {10, 10}, {0, 10}};
inline constexpr unsigned kMostBuckets = 1u << 11;

KITH_INLINE std::uint32_t magnitude_bits(float x) {
  return static_cast<std::uint32_t>(magnitude(x));
}

/// Nothing is known but how many are wanted.
struct Begin {
  static constexpr unsigned kThreads = 1;
  static constexpr int kSteps = 1;
  struct Shared {};

  Sought start;
  Sought* sought;

  template <int step>
  KITH_INLINE void run(Place, Shared&) const {
    *sought = start;
  }
};

/// counts[d] += elements with digit d and the upper digits of `sought`.
struct DigitCounts {
  static constexpr unsigned kThreads = 512;
  static constexpr int kSteps = 3;
  // Neighbors are often alike: two histograms, so that fewer threads meet at one counter.
  static constexpr unsigned kHistograms = 2;
  struct Shared {
    std::uint32_t counts[kHistograms][kMostBuckets];
  };

  const float* x;
  std::size_t size;
  DigitPlace digit;
  const Sought* sought;
  std::uint32_t* counts;

  template <int step>
  KITH_INLINE void run(Place at, Shared& shared) const {
    const std::uint32_t buckets = 1u << digit.bits;
    if constexpr (step == 0) {
      for (std::uint32_t d = at.thread; d < buckets; d += kThreads) {
        for (unsigned h = 0; h < kHistograms; ++h) shared.counts[h][d] = 0;
      }
    } else if constexpr (step == 1) {
      const int above = digit.shift + digit.bits;
      const std::uint32_t known = sought->digits >> above;
      auto& histogram = shared.counts[at.thread / 32 % kHistograms];
      const std::size_t stride = at.blocks * kThreads;
      for (std::size_t i = at.block * kThreads + at.thread; i < size; i += stride) {
        const std::uint32_t element = magnitude_bits(x[i]);
        if (element >> above != known) continue;
        add_shared(histogram[element >> digit.shift & (buckets - 1)], 1);
      }
    } else {
      for (std::uint32_t d = at.thread; d < buckets; d += kThreads) {
        std::uint32_t sum = 0;
        for (unsigned h = 0; h < kHistograms; ++h) sum += shared.counts[h][d];
        if (sum > 0) add_shared(counts[d], sum);
      }
    }
  }
};

/// Adds the digit of the element with `wanted` − 1 larger ones to `sought`, takes off `wanted` the
/// elements whose digit is larger, and clears the counts for the next digit. One block: the counts
/// in groups of 8, and those in groups of 16, are added side by side.
struct FindDigit {
  static constexpr unsigned kThreads = 256;
  static constexpr int kSteps = 4;
  static constexpr unsigned kGroup = kMostBuckets / kThreads, kGroups = 16;
  struct Shared {
    std::uint32_t group[kThreads];
    std::uint32_t groups[kThreads / kGroups];
  };

  DigitPlace digit;
  std::uint32_t* counts;  // kMostBuckets of them
  Sought* sought;

  template <int step>
  KITH_INLINE void run(Place at, Shared& shared) const {
    const unsigned t = at.thread;
    if constexpr (step == 0) {
      std::uint32_t sum = 0;
      for (unsigned k = 0; k < kGroup; ++k) sum += counts[kGroup * t + k];
      shared.group[t] = sum;
    } else if constexpr (step == 1) {
      if (t >= kThreads / kGroups) return;
      std::uint32_t sum = 0;
      for (unsigned k = 0; k < kGroups; ++k) sum += shared.group[kGroups * t + k];
      shared.groups[t] = sum;
    } else if constexpr (step == 2) {
      if (t > 0) return;
      std::uint32_t wanted = sought->wanted;
      unsigned at_groups = kThreads / kGroups - 1;
      for (; at_groups > 0 && shared.groups[at_groups] < wanted; --at_groups) {
        wanted -= shared.groups[at_groups];
      }
      unsigned at_group = kGroups * at_groups + kGroups - 1;
      for (; at_group > kGroups * at_groups && shared.group[at_group] < wanted; --at_group) {
        wanted -= shared.group[at_group];
      }
      unsigned d = kGroup * at_group + kGroup - 1;
      for (; d > kGroup * at_group && counts[d] < wanted; --d) wanted -= counts[d];
      *sought = {sought->digits | d << digit.shift, wanted};
    } else {
      for (unsigned k = 0; k < kGroup; ++k) counts[kGroup * t + k] = 0;
    }
  }
};

/// What is picked of a run of neighboring elements that one block looks at, eight in a row a
/// thread: those above the least magnitude, and of those equal to it the first sought->wanted.
struct TopKTile {
  static constexpr unsigned kThreads = 256, kEach = 8;
  static constexpr std::size_t kSize = kThreads * kEach;

  const float* x;
  std::size_t size;
  const Sought* sought;
  std::uint32_t* indices;
  float* values;

  KITH_INLINE std::size_t first_of(Place at) const { return at.block * kSize + at.thread * kEach; }

  KITH_INLINE Picked count(Place at) const {
    const std::uint32_t least = sought->digits;
    const std::size_t first = first_of(at);
    Picked picked{0, 0};
    for (unsigned k = 0; k < kEach; ++k) {
      if (first + k >= size) break;
      const std::uint32_t element = magnitude_bits(x[first + k]);
      picked.above += element > least;
      picked.equal += element == least;
    }
    return picked;
  }

  KITH_INLINE void write(Place at, Picked so_far) const {
    const Sought least = *sought;
    const std::size_t first = first_of(at);
    for (unsigned k = 0; k < kEach; ++k) {
      if (first + k >= size) return;
      const float element = x[first + k];
      const std::uint32_t bits = magnitude_bits(element);
      const bool above = bits > least.digits, equal = bits == least.digits;
      if (above || (equal && so_far.equal < least.wanted)) {
        const std::uint32_t ties = so_far.equal < least.wanted ? so_far.equal : least.wanted;
        indices[so_far.above + ties] = static_cast<std::uint32_t>(first + k);
        values[so_far.above + ties] = element;
      }
      so_far = so_far.plus({above, equal});
    }
  }
};

/// x.size is below 2^32.
template <class Queue>
void top_k_on(Queue& queue, ConstArrayView x, std::span<std::uint32_t> indices, ArrayView values) {
  if (indices.empty()) return;
  constexpr std::size_t kMostBlocks = 1024, kPerBlock = 16384;
  const std::size_t tiles = divided_up(x.size, TopKTile::kSize);
  const auto counts = queue.template room<std::uint32_t>(kMostBuckets);
  const auto sought = queue.template room<Sought>(1);
  const auto places = queue.template room<Picked>(tiles + 1);
  queue.zero(counts.place(), kMostBuckets * sizeof(std::uint32_t));
  queue.launch(1, Begin{{0, static_cast<std::uint32_t>(indices.size())}, sought.place()});
  for (const DigitPlace digit : kDigits) {
    const std::size_t blocks = std::min(kMostBlocks, divided_up(x.size, kPerBlock));
    queue.launch(blocks, DigitCounts{x.data, x.size, digit, sought.place(), counts.place()});
    queue.launch(1, FindDigit{digit, counts.place(), sought.place()});
  }
  const TopKTile tile{x.data, x.size, sought.place(), indices.data(), values.data};
  write_tiles(queue, tile, tiles, places.place());
}

}  // namespace kith::kernels
