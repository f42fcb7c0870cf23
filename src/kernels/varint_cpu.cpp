#include "kernels/arithmetic.h"
#include "kernels/varint.h"

namespace kith::kernels::KITH_LEVEL {
namespace {

/// Any number; returns behind it.
KITH_INLINE std::byte* put_long(std::uint32_t number, std::byte* out) {
  for (; number >= 128; number >>= 7) *out++ = static_cast<std::byte>(number | 128);
  *out++ = static_cast<std::byte>(number);
  return out;
}

/// The number at the reader's position, which moves behind it; or a fault.
KITH_INLINE std::uint64_t get_long(GapReader& reader) {
  std::uint64_t number = 0;
  for (int shift = 0; shift < 35; shift += 7) {
    if (reader.position == reader.code.size()) break;
    const auto byte = static_cast<std::uint64_t>(reader.code.data()[reader.position++]);
    number |= (byte & 127) << shift;
    if (byte < 128) {
      if (byte == 0 && shift > 0) reader.fault = GapFault::kNotMinimal;
      return number;
    }
  }
  reader.fault = GapFault::kIncomplete;
  return 0;
}

}  // namespace

std::size_t varint_encode(std::span<const std::uint32_t> indices, std::byte* out) {
  const std::byte* const begin = out;
  std::uint32_t before = ~0u;  // −1
  for (const std::uint32_t* index = indices.data(); index != indices.data() + indices.size();
       ++index) {
    const std::uint32_t skipped = *index - before - 1;
    before = *index;
    if (__builtin_expect(skipped >= 1u << 14, 0)) {
      out = put_long(skipped, out);
      continue;
    }
    // One byte or two without a jump, which would be guessed wrong every other time.
    const std::uint32_t more = skipped >= 128;
    const std::uint32_t both = (skipped & 127) | more << 7 | (skipped >> 7) << 8;
    __builtin_memcpy(out, &both, sizeof(both));
    out += 1 + more;
  }
  return static_cast<std::size_t>(out - begin);
}

std::size_t varint_decode(GapReader& reader, std::span<std::uint32_t> out) {
  const std::byte* const code = reader.code.data();
  const std::size_t size = reader.code.size();
  std::uint32_t* const index = out.data();
  const std::size_t room = out.size() - kLeastPiece;
  std::uint64_t next = reader.next;
  std::size_t count = 0;
  while (count <= room) {
    if (reader.position == size) {
      reader.done = true;
      break;
    }
    int left = 0;  // bits of the window
    std::uint64_t window = 0;
    if (__builtin_expect(reader.position + sizeof(window) <= size, 1)) {
      __builtin_memcpy(&window, code + reader.position, sizeof(window));
      left = 64;
    }
    const int whole = left;
    while (left >= 16) {
      const std::uint64_t more = window >> 7 & 1;
      const std::uint64_t second = window >> 8 & 255 & (0 - more);
      // A third byte, or a second one that says nothing: both are rare, and looked at elsewhere.
      if (__builtin_expect(second > 127 || (more != 0 && second == 0), 0)) break;
      next += (window & 127) + (second << 7) + 1;
      index[count++] = static_cast<std::uint32_t>(next) - 1;
      const int length = 8 + 8 * static_cast<int>(more);
      window >>= length;
      left -= length;
    }
    reader.position += static_cast<std::uint64_t>(whole - left) / 8;
    if (whole == left) {
      next += get_long(reader) + 1;
      index[count++] = static_cast<std::uint32_t>(next) - 1;
    }
    if (__builtin_expect(next > reader.limit, 0) && reader.fault == GapFault::kNone) {
      reader.fault = GapFault::kTooLarge;
    }
    if (__builtin_expect(reader.fault != GapFault::kNone, 0)) {
      reader.done = true;
      break;
    }
  }
  reader.next = next;
  return count;
}

}  // namespace kith::kernels::KITH_LEVEL
