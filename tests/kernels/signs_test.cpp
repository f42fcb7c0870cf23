#include "kernels/signs.h"

#include <cmath>

#include "kernels/every_level.h"

namespace kith::kernels {
namespace {

class Signs : public EveryLevel {};
INSTANTIATE_TEST_SUITE_P(Level, Signs, supported_levels(), level_name);

TEST_P(Signs, ComeBack) {
  for (const std::size_t size : kSizes) {
    for (const std::size_t offset : kOffsets) {
      Array x = random_array(size + offset, 7);
      if (size > 20) x[offset + 20] = -0.0f;
      std::vector<std::uint8_t> bits(sign_bytes(size));
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
