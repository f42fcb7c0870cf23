#pragma once

#include <algorithm>
#include <bit>
#include <vector>

#include "kernels/grid/program.h"
#include "kernels/magnitude.h"
#include "kernels/norms.h"

/// Numbers that a whole vector has.
namespace kith::kernels {

/// Each block's sum in the order that kernels/norms.h promises, for `runs` runs of `size` terms: a
/// thread is a partial sum, 32 of them, or as many `lanes` as somebody else promises, add up a
/// block of 4,096 terms, and several such blocks are one of the grid's. term(run, i) is term i of a
/// run.
template <class Term, unsigned lanes = 32>
struct BlockSums {
  static constexpr std::size_t kBlock = 4096;
  static constexpr unsigned kLanes = lanes, kThreads = 256, kBlocks = kThreads / kLanes;
  static constexpr int kSteps = std::bit_width(kLanes);
  struct Shared {
    double lane[kThreads];
  };

  Term term;
  std::size_t size;
  std::size_t runs;
  double* sums;

  template <int step>
  KITH_INLINE void run(Place at, Shared& shared) const {
    const unsigned lane = at.thread % kLanes;
    const std::size_t block = at.block * kBlocks + at.thread / kLanes;
    const std::size_t each = divided_up(size, kBlock);
    if (block >= runs * each) return;
    if constexpr (step == 0) {
      const std::size_t of = block / each, begin = block % each * kBlock;
      const std::size_t end = size - begin < kBlock ? size : begin + kBlock;
      double sum = 0;
      for (std::size_t i = begin + lane; i < end; i += kLanes) sum += term(of, i);
      shared.lane[at.thread] = sum;
    } else {
      constexpr unsigned apart = kLanes >> step;
      if (lane >= apart) return;
      shared.lane[at.thread] += shared.lane[at.thread + apart];
      if (step == kSteps - 1) sums[block] = shared.lane[at.thread];
    }
  }
};

struct AbsoluteTerm {
  const float* x;
  KITH_INLINE double operator()(std::size_t, std::size_t i) const {
    return double(__builtin_bit_cast(float, magnitude(x[i])));
  }
};

struct ProductTerm {
  const float* a;
  const float* b;
  KITH_INLINE double operator()(std::size_t, std::size_t i) const {
    return double(a[i]) * double(b[i]);
  }
};

struct SquareTerm {
  const float* a;
  const float* b;
  KITH_INLINE double operator()(std::size_t, std::size_t i) const {
    const double difference = double(a[i]) - double(b[i]);
    return difference * difference;
  }
};

/// The blocks' sums, 1/512 of what was read, are added on the host, one after the other.
template <class Queue, class Term>
double block_sum_on(Queue& queue, std::size_t size, const Term& term) {
  using Program = BlockSums<Term>;
  const std::size_t count = divided_up(size, Program::kBlock);
  if (count == 0) return 0;
  const auto room = queue.template room<double>(count);
  queue.launch(divided_up(count, Program::kBlocks), Program{term, size, 1, room.place()});
  std::vector<double> sums(count);
  queue.read(room.place(), count, sums.data());
  double sum = 0;
  for (const double block : sums) sum += block;
  return sum;
}

/// The smallest and the largest of integers, which do not depend on an order.
struct Bounds {
  std::int32_t low;
  std::int32_t high;

  KITH_INLINE void join(const Bounds& other) {
    low = other.low < low ? other.low : low;
    high = other.high > high ? other.high : high;
  }
};

/// Those of integer(run, i), i < size, for each run of integers and each block of `each` of them: a
/// block of the grid.
template <class Integer>
struct BlockBounds {
  static constexpr unsigned kThreads = 256;
  static constexpr int kSteps = 9;
  struct Shared {
    Bounds thread[kThreads];
  };

  Integer integer;
  std::size_t size;
  std::size_t each;
  Bounds* bounds;

  template <int step>
  KITH_INLINE void run(Place at, Shared& shared) const {
    if constexpr (step == 0) {
      const std::size_t blocks = divided_up(size, each);
      const std::size_t of = at.block / blocks, begin = at.block % blocks * each;
      const std::size_t end = size - begin < each ? size : begin + each;
      Bounds own{INT32_MAX, INT32_MIN};
      for (std::size_t i = begin + at.thread; i < end; i += kThreads) {
        const std::int32_t element = integer(of, i);
        own.join({element, element});
      }
      shared.thread[at.thread] = own;
    } else {
      constexpr unsigned apart = kThreads >> step;
      if (at.thread < apart) shared.thread[at.thread].join(shared.thread[at.thread + apart]);
      if (step == kSteps - 1 && at.thread == 0) bounds[at.block] = shared.thread[0];
    }
  }
};

struct InOrder {
  const float* x;
  KITH_INLINE std::int32_t operator()(std::size_t, std::size_t i) const {
    return in_order(__builtin_bit_cast(std::int32_t, x[i]));
  }
};

struct CodeOf {
  const std::uint8_t* codes;
  KITH_INLINE std::int32_t operator()(std::size_t, std::size_t i) const { return codes[i]; }
};

/// Whether all bits of `exponent` are set in code i of sixteen bits, at any byte.
struct Unbounded {
  const std::uint8_t* bytes;
  std::uint16_t exponent;
  KITH_INLINE std::int32_t operator()(std::size_t, std::size_t i) const {
    const int code = bytes[2 * i] | bytes[2 * i + 1] << 8;
    return (code & exponent) == exponent;
  }
};

struct Magnitude {
  const float* x;
  KITH_INLINE std::int32_t operator()(std::size_t, std::size_t i) const { return magnitude(x[i]); }
};

/// `size` is positive.
template <class Queue, class Integer>
Bounds bounds_on(Queue& queue, std::size_t size, const Integer& integer) {
  constexpr std::size_t kBlocks = 1024, kPerBlock = 4096;
  const std::size_t each = kPerBlock * divided_up(size, kBlocks * kPerBlock);
  const std::size_t blocks = divided_up(size, each);
  const auto room = queue.template room<Bounds>(blocks);
  queue.launch(blocks, BlockBounds<Integer>{integer, size, each, room.place()});
  std::vector<Bounds> bounds(blocks);
  queue.read(room.place(), blocks, bounds.data());
  for (const Bounds& block : bounds) bounds[0].join(block);
  return bounds[0];
}

}  // namespace kith::kernels
