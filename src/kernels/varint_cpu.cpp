#include "kernels/arithmetic.h"
#include "kernels/varint.h"

namespace kith::kernels::KITH_LEVEL {
namespace {

constexpr std::uint64_t kMore = 0x8080808080808080;  // the bit of each byte that announces another

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
  while (count <= room && reader.position < size) {
    std::uint64_t window = 0;
    const std::uint64_t begin = reader.position;
    if (__builtin_expect(begin + sizeof(window) <= size, 1)) {
      __builtin_memcpy(&window, code + begin, sizeof(window));
      if ((window & kMore) == 0) {  // eight of a byte each
        for (int k = 0; k < 8; ++k, window >>= 8) {
          next += (window & 255) + 1;
          index[count++] = static_cast<std::uint32_t>(next) - 1;
        }
        reader.position += 8;
      } else {  // four of up to two bytes, which need no guessing
        for (int k = 0; k < 4; ++k) {
          const std::uint64_t more = window >> 7 & 1;
          const std::uint64_t second = window >> 8 & (255 & (0 - more));
          // A third byte, or a second one that says nothing: both are rare, and looked at below.
          if (__builtin_expect((second > 127) | (more > second), 0)) break;
          next += (window & 127) + (second << 7) + 1;
          index[count++] = static_cast<std::uint32_t>(next) - 1;
          window >>= 8 + 8 * more;
          reader.position += 1 + more;
        }
      }
    }
    if (reader.position == begin) {
      next += get_long(reader) + 1;
      index[count++] = static_cast<std::uint32_t>(next) - 1;
    }
    if (__builtin_expect(next > reader.limit, 0) && reader.fault == GapFault::kNone) {
      reader.fault = GapFault::kTooLarge;
    }
    if (__builtin_expect(reader.fault != GapFault::kNone, 0)) break;
  }
  reader.done = reader.position == size || reader.fault != GapFault::kNone;
  reader.next = next;
  return count;
}

}  // namespace kith::kernels::KITH_LEVEL
