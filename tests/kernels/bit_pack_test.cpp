#include "kernels/bit_pack.h"

#include "kernels/every_level.h"

namespace kith::kernels {
namespace {

class BitPack : public EveryLevel {};
INSTANTIATE_TEST_SUITE_P(Level, BitPack, supported_levels(), level_name);

TEST_P(BitPack, PutsNumbersSideBySideFromTheLowestBit) {
  Random random(1, Purpose::kSharing);
  for (int width = 1; width <= 32; ++width) {
    for (const std::size_t count : {0, 1, 2, 7, 8, 9, 31, 33, 1001}) {
      std::vector<std::uint32_t> numbers(count);
      for (auto& number : numbers) number = random() >> (32 - width);

      std::vector<std::byte> expected(packed_bytes(count, width));
      std::size_t bit = 0;
      for (const std::uint32_t number : numbers) {
        for (int k = 0; k < width; ++k, ++bit) {
          if ((number >> k & 1) != 0) expected[bit / 8] |= std::byte{1} << (bit % 8);
        }
      }
      std::vector<std::byte> packed(packed_bytes(count, width) + 1, std::byte{0x5a});
      bit_pack(numbers, width, packed.data());
      EXPECT_EQ(packed.back(), std::byte{0x5a});
      packed.pop_back();
      EXPECT_TRUE(packed == expected) << count << " of " << width << " bits";

      std::vector<std::uint32_t> unpacked(count + 1, 7);
      bit_unpack(packed, width, std::span(unpacked).first(count));
      EXPECT_EQ(unpacked.back(), 7u);
      unpacked.pop_back();
      EXPECT_TRUE(unpacked == numbers) << count << " of " << width << " bits";
    }
  }
}

}  // namespace
}  // namespace kith::kernels
