#include "kernels/fingerprint.h"

#include <cstddef>

namespace kith::kernels {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::uint64_t kPrime = (std::uint64_t{1} << 61) - 1;

/// The same modulo the prime, below 2^61 + 2.
std::uint64_t reduced(Wide x) {
  const auto part = [x](int from) { return static_cast<std::uint64_t>(x >> from) & kPrime; };
  const std::uint64_t sum = part(0) + part(61) + part(122);
  return (sum & kPrime) + (sum >> 61);
}

/// Two integers as one below 2^60, each pair as another.
std::uint64_t pair_of(std::int32_t a, std::int32_t b) {
  constexpr std::int32_t kLowest = -(1 << 29);
  return static_cast<std::uint64_t>(a - kLowest) | static_cast<std::uint64_t>(b - kLowest) << 30;
}

}  // namespace

Fingerprint::Fingerprint(const Stream& stream) {
  powers_[0] = 1;
  powers_[1] = 1 + Random(stream).bits64() % (kPrime - 1);
  for (std::size_t k = 2; k <= kPairs; ++k) powers_[k] = reduced(Wide{powers_[k - 1]} * powers_[1]);
}

void Fingerprint::add(std::span<const std::int32_t> values) {
  constexpr std::size_t kStep = 2 * kPairs;
  const std::size_t whole = values.size() / kStep * kStep;
  for (std::size_t i = 0; i < whole; i += kStep) take(values.data() + i);
  if (whole == values.size()) return;
  std::int32_t rest[kStep] = {};
  for (std::size_t i = whole; i < values.size(); ++i) rest[i - whole] = values[i];
  take(rest);
}

/// Horner's scheme, a block at a time: within one, no product waits for another. Each is below
/// 2^121 + 2^62, so 64 of them and the reduced old sum stay below 2^128.
void Fingerprint::take(const std::int32_t* values) {
  Wide sum = reduced(Wide{sum_} * powers_[kPairs]);
  for (std::size_t k = 0; k < kPairs; ++k) {
    sum += Wide{pair_of(values[2 * k], values[2 * k + 1])} * powers_[kPairs - 1 - k];
  }
  sum_ = reduced(sum);
}

std::uint64_t Fingerprint::value() const { return sum_ >= kPrime ? sum_ - kPrime : sum_; }

}  // namespace kith::kernels
