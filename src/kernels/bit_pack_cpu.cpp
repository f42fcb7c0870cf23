#include "kernels/arithmetic.h"
#include "kernels/bit_pack.h"

namespace kith::kernels::KITH_LEVEL {

void bit_pack(std::span<const std::uint32_t> numbers, int width, std::byte* out, const Device&) {
  std::uint64_t pending = 0;
  int count = 0;  // bits of `pending`, below 32 between numbers
  for (const std::uint32_t* number = numbers.data(); number != numbers.data() + numbers.size();
       ++number) {
    pending |= static_cast<std::uint64_t>(*number) << count;
    count += width;
    if (count < 32) continue;
    const auto word = static_cast<std::uint32_t>(pending);
    __builtin_memcpy(out, &word, sizeof(word));
    out += sizeof(word);
    pending >>= 32;
    count -= 32;
  }
  for (; count > 0; count -= 8, pending >>= 8) *out++ = static_cast<std::byte>(pending);
}

void bit_unpack(std::span<const std::byte> packed, int width, std::span<std::uint32_t> out,
                const Device&) {
  const std::byte* const bytes = packed.data();
  const std::size_t size = packed.size();
  std::uint32_t* const number = out.data();
  const std::size_t count = out.size();
  const auto step = static_cast<std::size_t>(width);
  const std::uint64_t mask = (std::uint64_t{1} << width) - 1;
  // As long as eight bytes can be read from the one in which a number begins.
  std::size_t fast = size < 8 ? 0 : (8 * (size - 8)) / step + 1;
  fast = fast < count ? fast : count;
  for (std::size_t i = 0; i < fast; ++i) {
    const std::size_t bit = i * step;
    std::uint64_t window;
    __builtin_memcpy(&window, bytes + bit / 8, sizeof(window));
    number[i] = static_cast<std::uint32_t>(window >> (bit % 8) & mask);
  }
  for (std::size_t i = fast; i < count; ++i) {
    const std::size_t bit = i * step;
    std::uint64_t window = 0;
    for (std::size_t k = 0; k < 8 && bit / 8 + k < size; ++k) {
      window |= static_cast<std::uint64_t>(bytes[bit / 8 + k]) << (8 * k);
    }
    number[i] = static_cast<std::uint32_t>(window >> (bit % 8) & mask);
  }
}

}  // namespace kith::kernels::KITH_LEVEL
