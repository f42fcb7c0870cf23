#pragma once

#include <cstddef>
#include <span>

namespace kith::kernels {

/// The bytes of words of 2 or 4 bytes, sorted by their place in the word: the first byte of every
/// word, then the second of every word, …. Numbers of similar size have equal high bytes, which a
/// general-purpose compressor finds when they stand side by side. Bytes behind the last whole word
/// keep their place. `out` is as long as `bytes` and does not overlap it.
void shuffle_bytes(std::span<const std::byte> bytes, int word, std::byte* out);

/// The inverse.
void unshuffle_bytes(std::span<const std::byte> bytes, int word, std::byte* out);

}  // namespace kith::kernels
