#include "kernels/exact_mean.h"
#include "kernels/magnitude.h"

namespace kith::kernels::KITH_LEVEL {
namespace {

/// Calls body(block, first coordinate, count) for all blocks.
template <class Body>
KITH_INLINE void for_blocks(std::size_t size, Body body) {
  for (std::size_t block = 0, begin = 0; begin < size; ++block, begin += kExactBlock) {
    body(block, begin, size - begin < kExactBlock ? size - begin : kExactBlock);
  }
}

/// Σ_i (x_i − mean_i)² over a block.
double distance_of(const float* x, const double* mean, std::size_t size) {
  constexpr std::size_t kLanes = 8;
  double lane[kLanes] = {};
  const std::size_t whole = size - size % kLanes;
  for (std::size_t i = 0; i < whole; i += kLanes) {
    for (std::size_t k = 0; k < kLanes; ++k) lane[k] += squared_offset(x[i + k], mean[i + k]);
  }
  for (std::size_t k = 0; whole + k < size; ++k) {
    lane[k] += squared_offset(x[whole + k], mean[whole + k]);
  }
  return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

}  // namespace

void block_magnitudes(const Slice& x, std::span<float> largest) {
  const ConstArrayView* const vectors = x.vectors.data();
  const std::size_t count = x.vectors.size();
  float* const out = largest.data();
  for_blocks(x.size, [&](std::size_t block, std::size_t begin, std::size_t size) {
    std::int32_t top = magnitude(out[block]);
    for (std::size_t v = 0; v < count; ++v) {
      const float* const numbers = vectors[v].data + x.first + begin;
      for (std::size_t i = 0; i < size; ++i) {
        const std::int32_t m = magnitude(numbers[i]);
        top = m > top ? m : top;
      }
    }
    out[block] = __builtin_bit_cast(float, top);
  });
}

void exact_sums(const Slice& x, std::span<const float> largest, std::int64_t n, double* sums) {
  const ConstArrayView* const vectors = x.vectors.data();
  const std::size_t count = x.vectors.size();
  const float* const top = largest.data();
  for_blocks(x.size, [&](std::size_t block, std::size_t begin, std::size_t size) {
    double* const coarse = sums + 2 * kExactBlock * block;
    double* const fine = coarse + kExactBlock;
    for (std::size_t i = 0; i < 2 * kExactBlock; ++i) coarse[i] = 0;
    if (top[block] == 0) return;
    const SumBins bins = exact_sum_bins(top[block], n);
    for (std::size_t v = 0; v < count; ++v) {
      const float* const numbers = vectors[v].data + x.first + begin;
#pragma GCC ivdep
      for (std::size_t i = 0; i < size; ++i) {
        SumParts parts{coarse[i], fine[i]};
        parts.add(numbers[i], bins);
        coarse[i] = parts.coarse;
        fine[i] = parts.fine;
      }
    }
  });
}

void mean_of_sums(const double* sums, double n, std::size_t size, double* mean, float* rounded,
                  const Device&) {
  for_blocks(size, [&](std::size_t block, std::size_t begin, std::size_t count) {
    const double* const coarse = sums + 2 * kExactBlock * block;
    const double* const fine = coarse + kExactBlock;
    double* const out = mean + begin;
#pragma GCC ivdep
    for (std::size_t i = 0; i < count; ++i) out[i] = SumParts{coarse[i], fine[i]}.mean(n);
    if (!rounded) return;
    for (std::size_t i = 0; i < count; ++i) rounded[begin + i] = static_cast<float>(out[i]);
  });
}

void squared_distances(const Slice& x, const double* mean, std::span<double> distances) {
  const ConstArrayView* const vectors = x.vectors.data();
  const std::size_t count = x.vectors.size();
  double* const out = distances.data();
  for_blocks(x.size, [&](std::size_t block, std::size_t begin, std::size_t size) {
    for (std::size_t v = 0; v < count; ++v) {
      out[block * count + v] = distance_of(vectors[v].data + x.first + begin, mean + begin, size);
    }
  });
}

}  // namespace kith::kernels::KITH_LEVEL
