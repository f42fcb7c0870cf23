#include "kernels/byte_shuffle.h"

#include "kernels/level.h"

namespace kith::kernels {

namespace generic {
decltype(kernels::shuffle_bytes) shuffle_bytes;
decltype(kernels::unshuffle_bytes) unshuffle_bytes;
}  // namespace generic
namespace v3 {
decltype(kernels::shuffle_bytes) shuffle_bytes;
decltype(kernels::unshuffle_bytes) unshuffle_bytes;
}  // namespace v3

void shuffle_bytes(std::span<const std::byte> bytes, int word, std::byte* out) {
  at_level(generic::shuffle_bytes, v3::shuffle_bytes)(bytes, word, out);
}

void unshuffle_bytes(std::span<const std::byte> bytes, int word, std::byte* out) {
  at_level(generic::unshuffle_bytes, v3::unshuffle_bytes)(bytes, word, out);
}

}  // namespace kith::kernels
