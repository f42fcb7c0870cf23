#include "core/inline.h"
#include "kernels/code_pack.h"

namespace kith::kernels::KITH_LEVEL {
namespace {

constexpr std::uint64_t kPairs = 0x00ff00ff00ff00ff;
constexpr std::uint64_t kQuads = 0x0000ffff0000ffff;
constexpr std::uint64_t kHalf = 0x00000000ffffffff;

/// Eight codes, a byte each, to 8 · width bits: neighbors are pushed together three times.
KITH_INLINE std::uint64_t squeeze(std::uint64_t codes, unsigned width) {
  codes = (codes & kPairs) | (codes >> 8 & kPairs) << width;
  codes = (codes & kQuads) | (codes >> 16 & kQuads) << 2 * width;
  return (codes & kHalf) | (codes >> 32) << 4 * width;
}

/// The reverse. `bits` may go on behind the eight codes.
KITH_INLINE std::uint64_t spread(std::uint64_t bits, unsigned width) {
  const auto low = [](unsigned count) { return ~std::uint64_t{0} >> (64 - count); };
  bits = (bits & low(4 * width)) | (bits >> 4 * width & low(4 * width)) << 32;
  const std::uint64_t two = low(2 * width) * 0x0000000100000001;
  bits = (bits & two) | (bits >> 2 * width & two) << 16;
  const std::uint64_t one = low(width) * 0x0001000100010001;
  return (bits & one) | (bits >> width & one) << 8;
}

}  // namespace

void pack_codes(std::span<const std::uint8_t> codes, unsigned width, std::uint8_t* bytes) {
  const std::uint8_t* in = codes.data();
  std::size_t left = codes.size();
  std::uint64_t eight = 0;
  // With 64 codes left there are eight bytes left: those stored beyond `width` are overwritten.
  for (; left >= 64; left -= 8, in += 8, bytes += width) {
    __builtin_memcpy(&eight, in, 8);
    eight = squeeze(eight, width);
    __builtin_memcpy(bytes, &eight, 8);
  }
  for (; left > 0; in += 8, bytes += width) {
    const std::size_t count = left < 8 ? left : 8;
    eight = 0;
    __builtin_memcpy(&eight, in, count);
    eight = squeeze(eight, width);
    __builtin_memcpy(bytes, &eight, code_bytes(count, width));
    left -= count;
  }
}

void unpack_codes(const std::uint8_t* bytes, unsigned width, std::span<std::uint8_t> codes) {
  std::uint8_t* out = codes.data();
  std::size_t left = codes.size();
  std::uint64_t eight = 0;
  for (; left >= 64; left -= 8, out += 8, bytes += width) {  // at least eight bytes are left
    __builtin_memcpy(&eight, bytes, 8);
    eight = spread(eight, width);
    __builtin_memcpy(out, &eight, 8);
  }
  for (; left > 0; out += 8, bytes += width) {
    const std::size_t count = left < 8 ? left : 8;
    eight = 0;
    __builtin_memcpy(&eight, bytes, code_bytes(count, width));
    eight = spread(eight, width);
    __builtin_memcpy(out, &eight, count);
    left -= count;
  }
}

}  // namespace kith::kernels::KITH_LEVEL
