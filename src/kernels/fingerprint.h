#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/array.h"
#include "core/inline.h"
#include "core/random.h"

namespace kith::kernels {

__extension__ using WideInteger = unsigned __int128;

/// 2^61 − 1
inline constexpr std::uint64_t kFingerprintPrime = (std::uint64_t{1} << 61) - 1;

/// The same modulo the prime, below 2^61 + 2.
KITH_INLINE std::uint64_t below_prime(WideInteger x) {
  const std::uint64_t low = static_cast<std::uint64_t>(x) & kFingerprintPrime;
  const std::uint64_t middle = static_cast<std::uint64_t>(x >> 61) & kFingerprintPrime;
  const std::uint64_t sum = low + middle + static_cast<std::uint64_t>(x >> 122);
  return (sum & kFingerprintPrime) + (sum >> 61);
}

/// The powers of r up to the one for a block of 128 integers.
struct FingerprintPowers {
  static constexpr std::size_t kPairs = 64;  // that are summed before the sum is reduced

  std::uint64_t power[kPairs + 1];

  /// What pair k of a block adds: the two integers as one below 2^60, each pair as another, times
  /// the power of its place. Below 2^121 + 2^62, so 64 of them and an old sum stay below 2^128.
  KITH_INLINE WideInteger product(std::size_t k, std::int32_t a, std::int32_t b) const {
    constexpr std::int32_t kLowest = -(1 << 29);
    const std::uint64_t pair =
        static_cast<std::uint64_t>(a - kLowest) | static_cast<std::uint64_t>(b - kLowest) << 30;
    return WideInteger{pair} * power[kPairs - 1 - k];
  }
};

/// A hash of integers with a proof: Σ_k v_k r^(m − k) modulo the prime 2^61 − 1, over pairs v_k of
/// them, at an r that is drawn at random and that they do not depend on. Two sequences of n that
/// differ in one place never have the same; two others have it for less than n / 2 + 64 of all r,
/// so with a probability of at most (n + 128) / 2^61.
class Fingerprint {
 public:
  /// Draws r from the first words of `stream`.
  explicit Fingerprint(const Stream& stream);

  /// Appends integers from −2^29 to 2^29 − 1, a multiple of 128 of them in all calls but the last,
  /// which lie in the memory of `device`.
  void add(std::span<const std::int32_t> values, const Device& device = {});

  std::uint64_t value() const;

 private:
  void take(const std::int32_t* values);

  FingerprintPowers powers_;
  std::uint64_t sum_ = 0;
};

}  // namespace kith::kernels
