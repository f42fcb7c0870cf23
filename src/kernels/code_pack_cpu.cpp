#include "kernels/code_pack.h"

namespace kith::kernels::KITH_LEVEL {

void pack_codes(std::span<const std::uint8_t> codes, unsigned width, std::uint8_t* bytes,
                const Device&) {
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

void unpack_codes(const std::uint8_t* bytes, unsigned width, std::span<std::uint8_t> codes,
                  const Device&) {
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
