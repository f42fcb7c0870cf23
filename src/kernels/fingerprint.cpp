#include "kernels/fingerprint.h"

#include <cstddef>

namespace kith::kernels {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::uint64_t kPrime = (std::uint64_t{1} << 61) - 1;

/// The same modulo the prime, and at most a little above it; x is below 2^64.
std::uint64_t folded(std::uint64_t x) { return (x & kPrime) + (x >> 61); }

/// a b + c modulo the prime, below 2^62; so are a, b and c.
std::uint64_t multiply_add(std::uint64_t a, std::uint64_t b, std::uint64_t c) {
  const Wide product = Wide{a} * b;
  const std::uint64_t low = static_cast<std::uint64_t>(product) & kPrime;
  const auto high = static_cast<std::uint64_t>(product >> 61);  // below 2^63
  return folded(low + folded(high) + c);
}

/// Two integers as one below 2^60, each pair as another.
std::uint64_t pair_of(std::int32_t a, std::int32_t b) {
  constexpr std::int32_t kLowest = -(1 << 29);
  return static_cast<std::uint64_t>(a - kLowest) |
         static_cast<std::uint64_t>(b - kLowest) << 30;
}

}  // namespace

Fingerprint::Fingerprint(const Stream& stream) {
  powers_[0] = 1;
  powers_[1] = 1 + Random(stream).bits64() % (kPrime - 1);
  for (int k = 2; k <= kLanes; ++k) powers_[k] = multiply_add(powers_[k - 1], powers_[1], 0);
}

void Fingerprint::add(std::span<const std::int32_t> values) {
  constexpr std::size_t kStep = 2 * kLanes;
  const auto take = [this](const std::int32_t* v) {
    for (int lane = 0; lane < kLanes; ++lane) {
      sums_[lane] = multiply_add(sums_[lane], powers_[kLanes], pair_of(v[2 * lane], v[2 * lane + 1]));
    }
  };
  const std::size_t whole = values.size() / kStep * kStep;
  for (std::size_t i = 0; i < whole; i += kStep) take(values.data() + i);
  if (whole == values.size()) return;
  std::int32_t rest[kStep] = {};
  for (std::size_t i = whole; i < values.size(); ++i) rest[i - whole] = values[i];
  take(rest);
}

std::uint64_t Fingerprint::value() const {
  std::uint64_t sum = 0;
  for (int lane = 0; lane < kLanes; ++lane) {
    sum = multiply_add(sums_[lane], powers_[kLanes - 1 - lane], sum);
  }
  sum = folded(sum);
  return sum >= kPrime ? sum - kPrime : sum;
}

}  // namespace kith::kernels
