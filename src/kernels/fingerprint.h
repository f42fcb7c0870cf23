#pragma once

#include <cstdint>
#include <span>

#include "core/random.h"

namespace kith::kernels {

/// A hash of integers with a proof: Σ_k v_k r^(m − k) modulo the prime 2^61 − 1, over pairs v_k of
/// them, at an r that is drawn at random and that they do not depend on. Two sequences of n that
/// differ in one place never have the same; two others have it for at most n / 2 + 4 of all r, so
/// with a probability of at most (n + 8) / 2^61.
class Fingerprint {
 public:
  /// Draws r from the first words of `stream`.
  explicit Fingerprint(const Stream& stream);

  /// Appends integers from −2^29 to 2^29 − 1, a multiple of 8 of them in all calls but the last.
  void add(std::span<const std::int32_t> values);

  std::uint64_t value() const;

 private:
  static constexpr int kLanes = 4;

  std::uint64_t powers_[kLanes + 1];  // of r
  std::uint64_t sums_[kLanes] = {};   // of every fourth pair, below 2^62
};

}  // namespace kith::kernels
