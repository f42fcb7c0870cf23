#include "kernels/random_bits.h"

#include <cassert>
#include <cmath>

#include "kernels/device.h"

namespace kith::kernels {

namespace generic {
decltype(kernels::random_words) random_words;
decltype(kernels::bernoulli_mask) bernoulli_mask;
decltype(kernels::indices_of_set_bits) indices_of_set_bits;
}  // namespace generic
namespace v3 {
decltype(kernels::random_words) random_words;
decltype(kernels::bernoulli_mask) bernoulli_mask;
decltype(kernels::indices_of_set_bits) indices_of_set_bits;
}  // namespace v3

void random_words(const Stream& stream, std::size_t first, std::span<std::uint32_t> words,
                  const Device& device) {
  at(device, &DeviceKernels::random_words, generic::random_words, v3::random_words)(stream, first,
                                                                                    words, device);
}

std::uint64_t bernoulli_threshold(double probability) {
  assert(probability >= 0 && probability <= 1);
  return static_cast<std::uint64_t>(std::nearbyint(probability * 0x1p32));
}

void bernoulli_mask(const Stream& stream, std::uint64_t threshold, std::size_t size,
                    std::span<std::byte> bits, const Device& device) {
  assert(bits.size() == (size + 7) / 8);
  at(device, &DeviceKernels::bernoulli_mask, generic::bernoulli_mask, v3::bernoulli_mask)(
      stream, threshold, size, bits, device);
}

std::size_t indices_of_set_bits(std::span<const std::byte> bits, std::span<std::uint32_t> indices,
                                const Device& device) {
  return at(device, &DeviceKernels::indices_of_set_bits, generic::indices_of_set_bits,
            v3::indices_of_set_bits)(bits, indices, device);
}

}  // namespace kith::kernels
