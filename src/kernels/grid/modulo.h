#pragma once

#include "kernels/fingerprint.h"
#include "kernels/grid/streaming.h"
#include "kernels/modulo.h"

/// Moniqua's arithmetic (kernels/modulo.h), and the proof of what it found.
namespace kith::kernels {

struct HalfStepsWork {
  HalfSteps rule;
  const float* x;
  const std::uint32_t* words;
  std::int32_t* half_steps;

  template <int width>
  KITH_INLINE void at(std::size_t i) const {
    const auto numbers = load<width>(x + i);
    const auto shifts = load<width>(words + i);
    Lanes<std::int32_t, width> result;
    for (int k = 0; k < width; ++k) result.lane[k] = rule(numbers.lane[k], shifts.lane[k]);
    store(result, half_steps + i);
  }
};

struct SplitWork {
  ModuloParts rule;
  const std::int32_t* half_steps;
  std::uint8_t* codes;
  std::int32_t* highs;

  template <int width>
  KITH_INLINE void at(std::size_t i) const {
    const auto own = load<width>(half_steps + i);
    Lanes<std::uint8_t, width> code;
    Lanes<std::int32_t, width> high;
    for (int k = 0; k < width; ++k) {
      code.lane[k] = rule.code(own.lane[k]);
      high.lane[k] = rule.high(own.lane[k]);
    }
    store(code, codes + i);
    store(high, highs + i);
  }
};

struct FindWork {
  NearPoint rule;
  const std::int32_t* half_steps;
  const std::uint8_t* codes;
  std::int32_t* differences;
  std::int32_t* highs;

  template <int width>
  KITH_INLINE void at(std::size_t i) const {
    const auto own = load<width>(half_steps + i);
    const auto code = load<width>(codes + i);
    Lanes<std::int32_t, width> difference, high;
    for (int k = 0; k < width; ++k) {
      const std::int32_t point = rule(own.lane[k], code.lane[k]);
      difference.lane[k] = point - (own.lane[k] >> 1);
      high.lane[k] = point >> rule.width;
    }
    store(difference, differences + i);
    store(high, highs + i);
  }
};

/// out += scale · values
struct AddIntegersWork {
  const std::int32_t* values;
  float scale;
  float* out;

  template <int width>
  KITH_INLINE void at(std::size_t i) const {
    const auto added = load<width>(values + i);
    auto sum = load<width>(out + i);
    for (int k = 0; k < width; ++k) {
      sum.lane[k] = plus_weighted(sum.lane[k], scale, static_cast<float>(added.lane[k]));
    }
    store(sum, out + i);
  }
};

struct IntegerMagnitude {
  const std::int32_t* values;
  KITH_INLINE std::int32_t operator()(std::size_t, std::size_t i) const {
    return values[i] < 0 ? -values[i] : values[i];
  }
};

/// What each block of 128 integers adds to a fingerprint: four of them are a block
/// of the grid, and a thread has a pair.
struct FingerprintBlocks {
  static constexpr unsigned kPairs = FingerprintPowers::kPairs, kBlocks = 4;
  static constexpr unsigned kThreads = kPairs * kBlocks;
  static constexpr int kSteps = 7;
  static_assert(kPairs == 1u << (kSteps - 1));
  struct Shared {
    WideInteger product[kThreads];
  };

  FingerprintPowers powers;
  const std::int32_t* values;
  std::size_t size;
  std::uint64_t* sums;

  template <int step>
  KITH_INLINE void run(Place at, Shared& shared) const {
    const unsigned pair = at.thread % kPairs;
    const std::size_t block = at.block * kBlocks + at.thread / kPairs;
    if (2 * kPairs * block >= size) return;
    if constexpr (step == 0) {
      const std::size_t i = 2 * (kPairs * block + pair);
      shared.product[at.thread] =
          powers.product(pair, i < size ? values[i] : 0, i + 1 < size ? values[i + 1] : 0);
    } else {
      constexpr unsigned apart = kPairs >> step;
      if (pair >= apart) return;
      shared.product[at.thread] += shared.product[at.thread + apart];
      if (step == kSteps - 1) sums[block] = below_prime(shared.product[at.thread]);
    }
  }
};

}  // namespace kith::kernels
