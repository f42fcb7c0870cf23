#pragma once

#include <cstdint>
#include <span>

#include "core/array.h"
#include "core/random.h"

/// Random numbers by the run: the same words that Random draws one by one. Element i of a vector
/// has word i of the stream, so its draw depends on no other element. Spans lie in the memory of
/// `device`.
namespace kith::kernels {

/// words[i] = word `first` + i of `stream`
void random_words(const Stream& stream, std::size_t first, std::span<std::uint32_t> words,
                  const Device& device = {});

/// The threshold below which a word lies with `probability`: 2^32 · probability, rounded.
std::uint64_t bernoulli_threshold(double probability);

/// Bit i of `bits` (bit i mod 8 of byte i / 8) = whether word i of `stream` is below `threshold`,
/// for i < size; the last byte's other bits are 0. `bits` has (size + 7) / 8 bytes.
void bernoulli_mask(const Stream& stream, std::uint64_t threshold, std::size_t size,
                    std::span<std::byte> bits, const Device& device = {});

/// The places of the bits that are set, ascending; returns how many. `indices` has room for 8 more
/// than there are set bits.
std::size_t indices_of_set_bits(std::span<const std::byte> bits, std::span<std::uint32_t> indices,
                                const Device& device = {});

}  // namespace kith::kernels
