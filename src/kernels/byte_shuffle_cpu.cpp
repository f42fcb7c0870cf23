#include "kernels/arithmetic.h"
#include "kernels/byte_shuffle.h"

namespace kith::kernels::KITH_LEVEL {
namespace {

template <std::size_t word>
KITH_INLINE void scatter(const unsigned char* in, std::size_t words, unsigned char* out) {
#pragma GCC ivdep
  for (std::size_t i = 0; i < words; ++i) {
    for (std::size_t k = 0; k < word; ++k) out[k * words + i] = in[i * word + k];
  }
}

template <std::size_t word>
KITH_INLINE void gather(const unsigned char* in, std::size_t words, unsigned char* out) {
#pragma GCC ivdep
  for (std::size_t i = 0; i < words; ++i) {
    for (std::size_t k = 0; k < word; ++k) out[i * word + k] = in[k * words + i];
  }
}

}  // namespace

void shuffle_bytes(std::span<const std::byte> bytes, int word, std::byte* out) {
  const auto* const in = reinterpret_cast<const unsigned char*>(bytes.data());
  auto* const to = reinterpret_cast<unsigned char*>(out);
  const std::size_t words = bytes.size() / static_cast<std::size_t>(word);
  if (word == 2) {
    scatter<2>(in, words, to);
  } else {
    scatter<4>(in, words, to);
  }
  for (std::size_t i = words * static_cast<std::size_t>(word); i < bytes.size(); ++i) to[i] = in[i];
}

void unshuffle_bytes(std::span<const std::byte> bytes, int word, std::byte* out) {
  const auto* const in = reinterpret_cast<const unsigned char*>(bytes.data());
  auto* const to = reinterpret_cast<unsigned char*>(out);
  const std::size_t words = bytes.size() / static_cast<std::size_t>(word);
  if (word == 2) {
    gather<2>(in, words, to);
  } else {
    gather<4>(in, words, to);
  }
  for (std::size_t i = words * static_cast<std::size_t>(word); i < bytes.size(); ++i) to[i] = in[i];
}

}  // namespace kith::kernels::KITH_LEVEL
