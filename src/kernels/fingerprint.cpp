#include "kernels/fingerprint.h"

#include <vector>

#include "kernels/device.h"

namespace kith::kernels {
namespace {

constexpr std::size_t kPairs = FingerprintPowers::kPairs;
constexpr std::size_t kBlock = 2 * kPairs;  // integers

}  // namespace

Fingerprint::Fingerprint(const Stream& stream) {
  std::uint64_t* const power = powers_.power;
  power[0] = 1;
  power[1] = 1 + Random(stream).bits64() % (kFingerprintPrime - 1);
  for (std::size_t k = 2; k <= kPairs; ++k) {
    power[k] = below_prime(WideInteger{power[k - 1]} * power[1]);
  }
}

void Fingerprint::add(std::span<const std::int32_t> values, const Device& device) {
  if (!device.is_cpu()) {
    std::vector<std::uint64_t> sums((values.size() + kBlock - 1) / kBlock);
    device_kernels().fingerprint_blocks(powers_, values, sums, device);
    for (const std::uint64_t sum : sums) {
      sum_ = below_prime(WideInteger{sum_} * powers_.power[kPairs] + sum);
    }
    return;
  }
  const std::size_t whole = values.size() / kBlock * kBlock;
  for (std::size_t i = 0; i < whole; i += kBlock) take(values.data() + i);
  if (whole == values.size()) return;
  std::int32_t rest[kBlock] = {};
  for (std::size_t i = whole; i < values.size(); ++i) rest[i - whole] = values[i];
  take(rest);
}

/// Horner's scheme, a block at a time: within one, no product waits for another.
void Fingerprint::take(const std::int32_t* values) {
  WideInteger sum = below_prime(WideInteger{sum_} * powers_.power[kPairs]);
  for (std::size_t k = 0; k < kPairs; ++k) {
    sum += powers_.product(k, values[2 * k], values[2 * k + 1]);
  }
  sum_ = below_prime(sum);
}

std::uint64_t Fingerprint::value() const {
  return sum_ >= kFingerprintPrime ? sum_ - kFingerprintPrime : sum_;
}

}  // namespace kith::kernels
