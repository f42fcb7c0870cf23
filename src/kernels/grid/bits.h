#pragma once

#include <span>

#include "core/random.h"
#include "kernels/code_pack.h"
#include "kernels/grid/streaming.h"
#include "kernels/grid/tiles.h"

/// Random words, and runs of bits.
namespace kith::kernels {

KITH_INLINE std::uint32_t count_of_ones(std::uint32_t bits) {
#ifdef __CUDA_ARCH__
  return static_cast<std::uint32_t>(__popc(bits));
#else
  return static_cast<std::uint32_t>(__builtin_popcount(bits));
#endif
}

/// Four words of a stream at once: those of block `block`.
KITH_INLINE philox::Block words_of(const Stream& stream, std::size_t block) {
  return philox::block(stream.counter(static_cast<std::uint32_t>(block)), stream.key());
}

/// The words of the stream's j-th block from first / 4 on that are wanted.
struct WordsWork {
  Stream stream;
  std::size_t first;
  std::size_t size;
  std::uint32_t* words;

  template <int width>
  KITH_INLINE void at(std::size_t j) const {
    const std::size_t block = first / 4 + j;
    const philox::Block drawn = words_of(stream, block);
    for (std::size_t k = 0; k < 4; ++k) {
      const std::size_t word = 4 * block + k;
      if (word >= first && word - first < size) words[word - first] = drawn.word[k];
    }
  }
};

/// Byte j: whether words 8j .. 8j + 7 are below the threshold.
struct BernoulliWork {
  Stream stream;
  std::uint64_t threshold;
  std::size_t size;
  std::uint8_t* bits;

  template <int width>
  KITH_INLINE void at(std::size_t j) const {
    const philox::Block low = words_of(stream, 2 * j), high = words_of(stream, 2 * j + 1);
    std::uint32_t byte = 0;
    for (unsigned k = 0; k < 4; ++k) {
      byte |= std::uint32_t{low.word[k] < threshold} << k;
      byte |= std::uint32_t{high.word[k] < threshold} << (4 + k);
    }
    const std::size_t left = size - 8 * j;
    bits[j] = static_cast<std::uint8_t>(left < 8 ? byte & ((1u << left) - 1) : byte);
  }
};

/// The places of the bits that are set in a run of bytes, four of them a thread.
struct SetBitsTile {
  static constexpr unsigned kThreads = 256;
  static constexpr std::size_t kEach = 4, kSize = kThreads * kEach;

  const std::uint8_t* bits;
  std::size_t bytes;
  std::uint32_t* indices;

  KITH_INLINE std::size_t first_of(Place at) const { return at.block * kSize + at.thread * kEach; }

  KITH_INLINE std::uint32_t bits_of(Place at) const {
    const std::size_t first = first_of(at);
    std::uint32_t set = 0;
    for (std::size_t k = 0; k < kEach && first + k < bytes; ++k) {
      set |= std::uint32_t{bits[first + k]} << 8 * k;
    }
    return set;
  }

  KITH_INLINE Picked count(Place at) const { return {count_of_ones(bits_of(at)), 0}; }

  KITH_INLINE void write(Place at, Picked before) const {
    const auto first = static_cast<std::uint32_t>(8 * first_of(at));
    std::uint32_t* to = indices + before.above;
    for (std::uint32_t set = bits_of(at); set != 0; set &= set - 1) {
      *to++ = first + count_of_ones((set & (0 - set)) - 1);
    }
  }
};

/// The bits are fewer than 2^32.
template <class Queue>
std::size_t set_bits_on(Queue& queue, std::span<const std::byte> bits,
                        std::span<std::uint32_t> indices) {
  if (bits.empty()) return 0;
  const std::size_t tiles = divided_up(bits.size(), SetBitsTile::kSize);
  const auto counts = queue.template room<Picked>(tiles + 1);
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(bits.data());
  write_tiles(queue, SetBitsTile{bytes, bits.size(), indices.data()}, tiles, counts.place());
  Picked all{};
  queue.read(counts.place() + tiles, 1, &all);
  return all.above;
}

/// Byte j of what bit_pack writes.
struct PackWork {
  const std::uint32_t* numbers;
  std::size_t size;
  unsigned width;
  std::uint8_t* bytes;

  template <int>
  KITH_INLINE void at(std::size_t j) const {
    std::size_t i = 8 * j / width;
    const auto skipped = static_cast<unsigned>(8 * j - i * width);
    std::uint64_t byte = i < size ? numbers[i] >> skipped : 0;
    for (unsigned have = width - skipped; have < 8 && ++i < size; have += width) {
      byte |= std::uint64_t{numbers[i]} << have;
    }
    bytes[j] = static_cast<std::uint8_t>(byte);
  }
};

/// Number i of what bit_unpack reads.
struct UnpackWork {
  const std::uint8_t* bytes;
  unsigned width;
  std::uint32_t* numbers;

  template <int>
  KITH_INLINE void at(std::size_t i) const {
    const std::size_t bit = i * width, first = bit / 8;
    const auto skipped = static_cast<unsigned>(bit % 8);
    std::uint64_t window = 0;
    for (unsigned k = 0; 8 * k < skipped + width; ++k) {
      window |= std::uint64_t{bytes[first + k]} << 8 * k;
    }
    numbers[i] = static_cast<std::uint32_t>(window >> skipped & low_bits(width));
  }
};

/// Up to eight bytes as a number, the first the lowest.
KITH_INLINE std::uint64_t bytes_at(const std::uint8_t* from, std::size_t count) {
  std::uint64_t all = 0;
  for (std::size_t k = 0; k < count; ++k) all |= std::uint64_t{from[k]} << 8 * k;
  return all;
}

KITH_INLINE void put_bytes(std::uint64_t all, std::size_t count, std::uint8_t* to) {
  for (std::size_t k = 0; k < count; ++k) to[k] = static_cast<std::uint8_t>(all >> 8 * k);
}

/// Codes 8j .. 8j + 7 in bytes width · j and following.
struct PackCodesWork {
  const std::uint8_t* codes;
  std::size_t size;
  unsigned width;
  std::uint8_t* bytes;

  template <int>
  KITH_INLINE void at(std::size_t j) const {
    const std::size_t left = size - 8 * j, count = left < 8 ? left : 8;
    const std::uint64_t eight = squeeze(bytes_at(codes + 8 * j, count), width);
    put_bytes(eight, code_bytes(count, width), bytes + width * j);
  }
};

struct UnpackCodesWork {
  const std::uint8_t* bytes;
  std::size_t size;
  unsigned width;
  std::uint8_t* codes;

  template <int>
  KITH_INLINE void at(std::size_t j) const {
    const std::size_t left = size - 8 * j, count = left < 8 ? left : 8;
    const std::uint64_t eight = bytes_at(bytes + width * j, code_bytes(count, width));
    put_bytes(spread(eight, width), count, codes + 8 * j);
  }
};

}  // namespace kith::kernels
