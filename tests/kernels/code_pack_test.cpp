#include "kernels/code_pack.h"

#include "kernels/every_level.h"

namespace kith::kernels {
namespace {

class CodePack : public EveryLevel {};
INSTANTIATE_TEST_SUITE_P(Level, CodePack, supported_levels(), level_name);

TEST_P(CodePack, PutsEachCodeAtItsBits) {
  Random random(1, Purpose::kModel);
  for (unsigned width = 1; width <= 8; ++width) {
    for (const std::size_t size : {0, 1, 7, 8, 9, 63, 64, 65, 71, 72, 1001}) {
      std::vector<std::uint8_t> codes(size), back(size);
      for (auto& code : codes) code = std::uint8_t(random() & ((1u << width) - 1));
      const std::size_t bytes = code_bytes(size, width);
      ASSERT_EQ(bytes, (size * width + 7) / 8);
      // Exactly as long as needed: AddressSanitizer sees a byte too far.
      std::vector<std::uint8_t> packed(bytes);
      pack_codes(codes, width, packed.data());
      for (std::size_t bit = 0; bit < 8 * bytes; ++bit) {
        const bool expected = bit / width < size && (codes[bit / width] >> bit % width & 1);
        ASSERT_EQ(packed[bit / 8] >> bit % 8 & 1, expected) << "width " << width << ", bit " << bit;
      }
      unpack_codes(packed.data(), width, back);
      EXPECT_EQ(back, codes);
    }
  }
}

}  // namespace
}  // namespace kith::kernels
