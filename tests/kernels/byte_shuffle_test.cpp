#include "kernels/byte_shuffle.h"

#include "kernels/every_level.h"

namespace kith::kernels {
namespace {

class ByteShuffle : public EveryLevel {};
INSTANTIATE_TEST_SUITE_P(Level, ByteShuffle, supported_levels(), level_name);

TEST_P(ByteShuffle, PutsTheBytesOfOnePlaceSideBySide) {
  Random random(1, Purpose::kSharing);
  for (const int word : {2, 4}) {
    for (const std::size_t size : {0, 1, 3, 4, 5, 63, 64, 65, 127, 128, 130, 4099, 100'002}) {
      std::vector<std::byte> bytes(size);
      for (auto& byte : bytes) byte = static_cast<std::byte>(random());
      const std::size_t step = static_cast<std::size_t>(word);
      const std::size_t words = size / step;
      std::vector<std::byte> expected = bytes;
      for (std::size_t i = 0; i < words; ++i) {
        for (std::size_t k = 0; k < step; ++k) expected[k * words + i] = bytes[i * step + k];
      }
      std::vector<std::byte> shuffled(size), back(size);
      shuffle_bytes(bytes, word, shuffled.data());
      EXPECT_TRUE(shuffled == expected) << size << " bytes in words of " << word;
      unshuffle_bytes(shuffled, word, back.data());
      EXPECT_TRUE(back == bytes) << size << " bytes in words of " << word;
    }
  }
}

}  // namespace
}  // namespace kith::kernels
