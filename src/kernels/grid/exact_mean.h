#pragma once

#include <algorithm>
#include <vector>

#include "kernels/exact_mean.h"
#include "kernels/grid/reduce.h"
#include "kernels/grid/streaming.h"

/// Means of many vectors and how far each is from them (kernels/exact_mean.h): a launch does what
/// there is to do with a slice of up to so many vectors.
namespace kith::kernels {

/// Where a slice's vectors begin, and how many blocks' magnitudes may stand beside: both go to the
/// device with the launch itself, which carries 4 KiB.
inline constexpr std::size_t kMostVectors = 256, kMostBlocks = 256;

struct VectorTable {
  const float* vector[kMostVectors];
};

/// Calls body(table, how many vectors, first of them) for all.
template <class Body>
void for_tables(const Slice& x, Body body) {
  for (std::size_t first = 0; first < x.vectors.size(); first += kMostVectors) {
    const std::size_t count = std::min(kMostVectors, x.vectors.size() - first);
    VectorTable table{};
    for (std::size_t v = 0; v < count; ++v) {
      table.vector[v] = x.vectors[first + v].data + x.first;
    }
    body(table, count, first);
  }
}

struct MagnitudeInTable {
  VectorTable table;
  KITH_INLINE std::int32_t operator()(std::size_t vector, std::size_t i) const {
    return magnitude(table.vector[vector][i]);
  }
};

template <class Queue>
void block_magnitudes_on(Queue& queue, const Slice& x, std::span<float> largest) {
  using Program = BlockBounds<MagnitudeInTable>;
  if (x.size == 0) return;
  const std::size_t blocks = x.blocks();
  std::vector<Bounds> bounds(x.vectors.size() * blocks);
  const auto room = queue.template room<Bounds>(bounds.size());
  for_tables(x, [&](const VectorTable& table, std::size_t count, std::size_t first) {
    queue.launch(count * blocks,
                 Program{{table}, x.size, kExactBlock, room.place() + first * blocks});
  });
  queue.read(room.place(), bounds.size(), bounds.data());
  for (std::size_t k = 0; k < bounds.size(); ++k) {
    float& of_block = largest[k % blocks];
    of_block = __builtin_bit_cast(float, std::max(magnitude(of_block), bounds[k].high));
  }
}

/// The sums of a coordinate, by one thread. `size` coordinates are followed by zeros.
struct ExactSumWork {
  VectorTable table;
  float largest[kMostBlocks];
  std::size_t count;  // of vectors
  bool goes_on;       // from what other vectors of the slice left
  std::int64_t n;
  std::size_t size;
  double* sums;

  template <int>
  KITH_INLINE void at(std::size_t i) const {
    const std::size_t block = i / kExactBlock;
    double* const coarse = sums + kExactBlock * block + i;
    double* const fine = coarse + kExactBlock;
    SumParts parts;
    if (goes_on) parts = {*coarse, *fine};
    if (i < size && largest[block] != 0) {
      const SumBins bins = exact_sum_bins(largest[block], n);
      for (std::size_t v = 0; v < count; ++v) parts.add(table.vector[v][i], bins);
    }
    *coarse = parts.coarse;
    *fine = parts.fine;
  }
};

template <class Queue>
void exact_sums_on(Queue& queue, const Slice& x, std::span<const float> largest, std::int64_t n,
                   double* sums) {
  for (std::size_t block = 0; block < x.blocks(); block += kMostBlocks) {
    const std::size_t begin = block * kExactBlock;
    const std::size_t blocks = std::min(kMostBlocks, x.blocks() - block);
    const Slice some{x.vectors, x.first + begin, std::min(x.size - begin, blocks * kExactBlock)};
    for_tables(some, [&](const VectorTable& table, std::size_t count, std::size_t first) {
      ExactSumWork work{table, {}, count, first > 0, n, some.size, sums + 2 * begin};
      std::ranges::copy(largest.subspan(block, blocks), work.largest);
      stream_single(queue, blocks * kExactBlock, work);
    });
  }
}

struct MeanWork {
  const double* sums;
  double n;
  double* mean;
  float* rounded;

  template <int>
  KITH_INLINE void at(std::size_t i) const {
    const double* const coarse = sums + i / kExactBlock * kExactBlock + i;
    const double value = SumParts{coarse[0], coarse[kExactBlock]}.mean(n);
    mean[i] = value;
    if (rounded) rounded[i] = static_cast<float>(value);
  }
};

struct DistanceTerm {
  VectorTable table;
  const double* mean;
  KITH_INLINE double operator()(std::size_t vector, std::size_t i) const {
    return squared_offset(table.vector[vector][i], mean[i]);
  }
};

template <class Queue>
void squared_distances_on(Queue& queue, const Slice& x, const double* mean,
                          std::span<double> distances) {
  using Program = BlockSums<DistanceTerm, 8>;
  static_assert(Program::kBlock == kExactBlock);
  if (x.size == 0) return;
  const std::size_t blocks = x.blocks(), vectors = x.vectors.size();
  std::vector<double> sums(vectors * blocks);
  const auto room = queue.template room<double>(sums.size());
  for_tables(x, [&](const VectorTable& table, std::size_t count, std::size_t first) {
    queue.launch(divided_up(count * blocks, Program::kBlocks),
                 Program{{table, mean}, x.size, count, room.place() + first * blocks});
  });
  queue.read(room.place(), sums.size(), sums.data());
  for (std::size_t v = 0; v < vectors; ++v) {
    for (std::size_t b = 0; b < blocks; ++b) distances[b * vectors + v] = sums[v * blocks + b];
  }
}

}  // namespace kith::kernels
