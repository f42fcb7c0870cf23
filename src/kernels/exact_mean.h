#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/array.h"
#include "core/inline.h"
#include "kernels/magnitude.h"

/// The mean of many vectors, and how far each is from it, with the same bits in whatever order and
/// by whomever the vectors are added (Demmel & Nguyen, "Parallel reproducible summation", IEEE TC
/// 2015): each number is cut into two parts of so few bits that no sum of them rounds.
///
/// All goes by blocks of 4,096 coordinates, counted from the first one of a slice on. Spans lie in
/// host memory, pointers in that of the slice's device. Every result is the same bits at every
/// level and on every device.
namespace kith::kernels {

inline constexpr std::size_t kExactBlock = 4096;

/// Coordinates first … first + size − 1 of some vectors of one device, of one at least.
struct Slice {
  std::span<const ConstArrayView> vectors;
  std::size_t first = 0;
  std::size_t size = 0;

  const Device& device() const { return vectors.front().device; }
  std::size_t blocks() const { return (size + kExactBlock - 1) / kExactBlock; }
};

/// largest[b] becomes the largest magnitude of block b in any vector, where it was not larger
/// before; NaN where there is one.
void block_magnitudes(const Slice& x, std::span<float> largest);

/// Sums over the vectors of each coordinate's two parts, as exact_sum_bins(largest[b], n) says for
/// block b; `largest` is what block_magnitudes makes of all n vectors, of which these are some.
///
/// A block has 2 · 4,096 sums, the coarse ones before the fine ones; behind the last coordinate
/// they are 0. Sums of several slices may be added to each other. Those of a block whose largest
/// magnitude is not finite are NaN.
void exact_sums(const Slice& x, std::span<const float> largest, std::int64_t n, double* sums);

/// mean_i = Σ x_i / n of the sums of all n vectors, and the same in float32 unless `rounded` is
/// null. All lies in the memory of `device`.
void mean_of_sums(const double* sums, double n, std::size_t size, double* mean, float* rounded,
                  const Device& device = {});

/// distances[b · vectors + v] = Σ_i (x_i − mean_i)² over block b of vector v, in float64.
/// Coordinate i of the block is added to partial sum i mod 8, in order; the eight are then added as
/// a tree. mean_0 is that of the slice's first coordinate.
void squared_distances(const Slice& x, const double* mean, std::span<double> distances);

// --- arithmetic that processors and devices share ---

/// The two constants by which numbers are cut.
struct SumBins {
  double coarse = 0;
  double fine = 0;
};

inline constexpr int kDoubleBits = 53;  // of the numbers that a double holds exactly
inline constexpr int kDoubleBias = 1023;

/// 1.5 · 2^power, a normal double.
KITH_INLINE double three_halves_of(int power) {
  const auto above = static_cast<std::uint64_t>(power + kDoubleBias) << (kDoubleBits - 1);
  return __builtin_bit_cast(double, above | std::uint64_t{1} << (kDoubleBits - 2));
}

/// For n numbers of magnitude at most `largest`, which is not 0. Where it is not finite every part
/// is NaN.
KITH_INLINE SumBins exact_sum_bins(float largest, std::int64_t n) {
  if (magnitude(largest) >= kInfinity) {
    const double nan = __builtin_nan("");
    return {nan, nan};
  }
  // largest < 2^exponent: no float is so small that it is not a normal double.
  const auto bits = __builtin_bit_cast(std::uint64_t, double{largest});
  const int exponent = static_cast<int>(bits >> (kDoubleBits - 1) & 0x7ff) - kDoubleBias + 1;
  // Each of n numbers of at most 2^e, rounded to a multiple of 2^(E − 52) by adding 1.5 · 2^E, sums
  // up without rounding while n · 2^e <= 2^(E − 1).
  int room = 1;
  for (; n > 0; n >>= 1) ++room;
  const int coarse = exponent + room;
  return {three_halves_of(coarse), three_halves_of(coarse - kDoubleBits + room)};
}

/// The parts of a number: its sum is they but for what is too small to count.
struct SumParts {
  double coarse = 0;
  double fine = 0;

  KITH_INLINE void add(float x, const SumBins& bins) {
    const double value = x;
    const double high = (value + bins.coarse) - bins.coarse;
    const double low = ((value - high) + bins.fine) - bins.fine;
    coarse += high;
    fine += low;
  }

  KITH_INLINE double mean(double n) const { return (coarse + fine) / n; }
};

KITH_INLINE double squared_offset(float x, double mean) {
  const double difference = double{x} - mean;
  return difference * difference;
}

}  // namespace kith::kernels
