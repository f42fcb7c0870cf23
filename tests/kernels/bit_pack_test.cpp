#include "kernels/bit_pack.h"

#include <cmath>

#include "kernels/every_level.h"

namespace kith::kernels {
namespace {

class BitPack : public EveryLevel {};
INSTANTIATE_TEST_SUITE_P(Level, BitPack, supported_levels(), level_name);

TEST_P(BitPack, PutsEachCodeAtItsBits) {
  Random random(1, Purpose::kModel);
  for (unsigned width = 1; width <= 8; ++width) {
    for (const std::size_t size : {0, 1, 7, 8, 9, 63, 64, 65, 71, 72, 1001}) {
      std::vector<std::uint8_t> codes(size), back(size);
      for (auto& code : codes) code = std::uint8_t(random() & ((1u << width) - 1));
      const std::size_t bytes = packed_bytes(size, width);
      ASSERT_EQ(bytes, (size * width + 7) / 8);
      // Exactly as long as needed: AddressSanitizer sees a byte too far.
      std::vector<std::uint8_t> packed(bytes);
      pack_bits(codes, width, packed.data());
      for (std::size_t bit = 0; bit < 8 * bytes; ++bit) {
        const bool expected = bit / width < size && (codes[bit / width] >> bit % width & 1);
        ASSERT_EQ(packed[bit / 8] >> bit % 8 & 1, expected) << "width " << width << ", bit " << bit;
      }
      unpack_bits(packed.data(), width, back);
      EXPECT_EQ(back, codes);
    }
  }
}

TEST_P(BitPack, SignsComeBack) {
  for (const std::size_t size : kSizes) {
    for (const std::size_t offset : kOffsets) {
      Array x = random_array(size + offset, 7);
      if (size > 20) x[offset + 20] = -0.0f;
      std::vector<std::uint8_t> bits(packed_bytes(size, 1));
      sign_bits(x.view().part(offset, size), bits.data());
      Array sums = random_array(size + offset, 8);
      const Array before = copy_of(sums.view());
      add_signs(bits.data(), 0.3f, sums.view().part(offset, size));
      std::size_t wrong = 0;
      for (std::size_t i = offset; i < size + offset; ++i) {
        wrong += sums[i] != before[i] + (std::signbit(x[i]) ? -0.3f : 0.3f);
      }
      for (std::size_t i = size; i < 8 * bits.size(); ++i) wrong += bits[i / 8] >> i % 8 & 1;
      EXPECT_EQ(wrong, 0u) << size << " at " << offset;
    }
  }
}

}  // namespace
}  // namespace kith::kernels
