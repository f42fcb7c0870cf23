#include "kernels/modulo.h"

#include <cmath>

#include "kernels/every_level.h"

namespace kith::kernels {
namespace {

class Modulo : public EveryLevel {};
INSTANTIATE_TEST_SUITE_P(Level, Modulo, supported_levels(), level_name);

std::vector<std::uint32_t> random_shifts(std::size_t size) {
  Random random(3, Purpose::kSharing);
  std::vector<std::uint32_t> words(size);
  for (std::uint32_t& word : words) word = random();
  return words;
}

TEST_P(Modulo, DoesCoordinateByCoordinateWhatTheRulesSay) {
  const HalfSteps rule{2 / 0.003};
  for (const std::size_t size : kSizes) {
    for (const std::size_t offset : kOffsets) {
      const Array all = random_array(size + offset, 1), others = random_array(size + offset, 2);
      const ConstArrayView x = all.view().part(offset, size), y = others.view().part(offset, size);
      const std::vector<std::uint32_t> words = random_shifts(size);
      std::vector<std::int32_t> own(size), other(size), highs(size), differences(size);
      std::vector<std::uint8_t> codes(size);
      to_half_steps(rule, x, words.data(), own.data());
      to_half_steps(rule, y, words.data(), other.data());
      const unsigned width = 1 + offset;
      split_points({width}, other, codes.data(), highs.data());
      std::size_t wrong = 0;
      for (std::size_t i = 0; i < size; ++i) {
        wrong += own[i] != rule(x.data[i], words[i]);
        wrong += codes[i] != ModuloParts{width}.code(other[i]);
        wrong += highs[i] != ModuloParts{width}.high(other[i]);
      }
      find_points({width}, own, codes.data(), differences.data(), highs.data());
      Array sums = copy_of(y);
      add_integers(differences.data(), 0.25f, sums.view());
      std::int32_t largest = 0;
      for (std::size_t i = 0; i < size; ++i) {
        const std::int32_t point = NearPoint{width}(own[i], codes[i]);
        wrong += differences[i] != point - (own[i] >> 1);
        wrong += highs[i] != point >> width;
        wrong += sums[i] != y.data[i] + 0.25f * static_cast<float>(differences[i]);
        largest = std::max(largest, std::abs(differences[i]));
      }
      EXPECT_EQ(wrong, 0u) << size << " at " << offset;
      EXPECT_EQ(largest_magnitude(differences), largest);
    }
  }
}

TEST_P(Modulo, ACodeAndItsUpperPartAreThePoint) {
  for (unsigned width = 1; width <= 8; ++width) {
    for (std::int32_t half_step = -3000; half_step < 3000; ++half_step) {
      const ModuloParts parts{width};
      ASSERT_EQ((parts.high(half_step) << width) + parts.code(half_step), half_step >> 1);
    }
  }
}

// The receiver's window of 2^width points is centered half a step below its own z.
TEST_P(Modulo, ThePointOfWhoeverIsNearEnoughIsFound) {
  Random random(1, Purpose::kSharing);
  for (unsigned width = 1; width <= 8; ++width) {
    const double reach = ((1 << width) - 1) / 2.0;  // steps
    const HalfSteps rule{2};
    for (int k = 0; k < 20000; ++k) {
      const std::uint32_t shift = random();
      const auto x = static_cast<float>(100 * random.normal());
      const double near = k % 2 == 0 ? reach : reach * random.uniform();
      const auto y = static_cast<float>(x + (k % 4 < 2 ? near : -near));
      if (std::abs(double{y} - double{x}) > reach) continue;  // rounded up
      const std::int32_t own = rule(x, shift), other = rule(y, shift);
      ASSERT_EQ(NearPoint{width}(own, ModuloParts{width}.code(other)), other >> 1)
          << width << " bits, " << x << " and " << y;
    }
  }
}

TEST_P(Modulo, APointIsWithinHalfAStepOfTheShiftedNumber) {
  Random random(2, Purpose::kSharing);
  const HalfSteps rule{2 / 0.01};
  for (int k = 0; k < 20000; ++k) {
    const std::uint32_t word = random();
    const auto x = static_cast<float>(random.normal());
    const double shift = double(word) / 0x1p32 - 0.5;
    const double point = 0.01 * double(rule(x, word) >> 1);
    ASSERT_LE(std::abs(point - (x + 0.01 * shift)), 0.005 * (1 + 1e-9));
  }
}

}  // namespace
}  // namespace kith::kernels
