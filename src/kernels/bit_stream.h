#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/arithmetic.h"
#include "kernels/gap_code.h"

/// Streams of bits for the loops that are compiled per level: the first bit is the highest of the
/// first byte, and zeros fill the last byte.
namespace kith::kernels {

/// ⌊log2 x⌋ of a positive number.
KITH_INLINE int floor_log2(std::uint64_t x) { return 63 - __builtin_clzll(x); }

/// A number and how many bits of it are written, which may be more than it has.
struct BitCode {
  std::uint64_t bits = 0;
  std::uint64_t length = 0;
};

/// Writes whole words of 32 bits, and the rest at the end.
class BitWriter {
 public:
  KITH_INLINE explicit BitWriter(std::byte* out) : out_(out) {}

  /// At most 32 bits.
  KITH_INLINE void put(std::uint64_t bits, int length) {
    pending_ = pending_ << length | bits;
    count_ += length;
    if (count_ < 32) return;
    count_ -= 32;
    const std::uint32_t word = __builtin_bswap32(static_cast<std::uint32_t>(pending_ >> count_));
    __builtin_memcpy(out_, &word, sizeof(word));
    out_ += sizeof(word);
  }

  /// Any number of bits.
  KITH_INLINE void put_long(BitCode code) {
    for (; code.length > 64; code.length -= 32) put(0, 32);
    if (code.length > 32) {
      code.length -= 32;
      put(code.bits >> 32, static_cast<int>(code.length));
      code.bits &= 0xffffffff;
      code.length = 32;
    }
    put(code.bits, static_cast<int>(code.length));
  }

  /// The end of what was written.
  KITH_INLINE std::byte* finish() {
    for (; count_ > 0; count_ -= 8) {
      const std::uint64_t byte = count_ >= 8 ? pending_ >> (count_ - 8) : pending_ << (8 - count_);
      *out_++ = static_cast<std::byte>(byte);
    }
    return out_;
  }

 private:
  std::byte* out_;
  std::uint64_t pending_ = 0;  // its lowest count_ bits wait; what is above them was written
  int count_ = 0;              // below 32 between calls
};

/// Writes code(gap) for the gap of each index; two at a time, because the writer is what the loop
/// waits for. Returns the number of bytes.
template <class Code>
KITH_INLINE std::size_t write_gaps(std::span<const std::uint32_t> indices, Code code,
                                   std::byte* out) {
  const std::uint32_t* const index = indices.data();
  const std::size_t count = indices.size();
  BitWriter writer(out);
  std::uint32_t before = ~0u;  // −1
  std::size_t i = 0;
  for (; i + 2 <= count; i += 2) {
    const BitCode a = code(index[i] - before);
    const BitCode b = code(index[i + 1] - index[i]);
    before = index[i + 1];
    if (__builtin_expect(a.length + b.length <= 32, 1)) {
      writer.put(a.bits << b.length | b.bits, static_cast<int>(a.length + b.length));
    } else {
      writer.put_long(a);
      writer.put_long(b);
    }
  }
  if (i < count) writer.put_long(code(index[i] - before));
  return static_cast<std::size_t>(writer.finish() - out);
}

/// 64 bits of a stream from bit `position` on, of which the first 57 are right; zeros behind the
/// end.
KITH_INLINE std::uint64_t bits_at(std::span<const std::byte> stream, std::uint64_t position) {
  const std::uint64_t byte = position >> 3;
  std::uint64_t window = 0;
  if (__builtin_expect(byte + sizeof(window) <= stream.size(), 1)) {
    __builtin_memcpy(&window, stream.data() + byte, sizeof(window));
    window = __builtin_bswap64(window);
  } else {
    for (std::uint64_t i = 0; i < sizeof(window) && byte + i < stream.size(); ++i) {
      window |= static_cast<std::uint64_t>(stream.data()[byte + i]) << (56 - 8 * i);
    }
  }
  return window << (position & 7);
}

/// Reads codes that `code` knows: length(window) bits lead the window, more than 64 where it has no
/// whole code; then gap(window, length) is what they say. `long_code(reader, gap)` reads what is
/// longer than a window: the length, or 0 where there is no code.
template <class Code>
KITH_INLINE std::size_t read_gaps(GapReader& reader, Code code, std::span<std::uint32_t> out) {
  constexpr int kWindow = 57;
  const std::uint64_t end = 8 * static_cast<std::uint64_t>(reader.code.size());
  std::uint32_t* const index = out.data();
  const std::size_t room = out.size() - kLeastPiece;
  std::uint64_t position = reader.position;
  std::uint64_t next = reader.next;
  std::size_t count = 0;
  while (count <= room) {
    std::uint64_t window = bits_at(reader.code, position);
    const int whole = end - position < kWindow ? static_cast<int>(end - position) : kWindow;
    int left = whole;
    for (;;) {
      const int length = code.length(window);
      if (length > left) break;
      next += code.gap(window, length);
      index[count++] = static_cast<std::uint32_t>(next) - 1;
      window <<= length;
      left -= length;
    }
    if (__builtin_expect(left == whole, 0)) {  // not one
      std::uint64_t gap = 0;
      reader.position = position;
      const std::uint64_t length = code.long_code(reader, gap);
      if (length == 0) {
        reader.done = true;
        if (end - position >= 8 || window != 0) reader.fault = GapFault::kIncomplete;
        break;
      }
      position += length;
      next += gap;
      index[count++] = static_cast<std::uint32_t>(next) - 1;
    } else {
      position += static_cast<std::uint64_t>(whole - left);
    }
    if (__builtin_expect(next > reader.limit, 0)) {
      reader.done = true;
      reader.fault = GapFault::kTooLarge;
      break;
    }
  }
  reader.position = position;
  reader.next = next;
  return count;
}

}  // namespace kith::kernels
