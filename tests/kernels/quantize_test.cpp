#include "kernels/quantize.h"

#include <cmath>

#include "kernels/every_level.h"

namespace kith::kernels {
namespace {

class Quantize : public EveryLevel {};
INSTANTIATE_TEST_SUITE_P(Level, Quantize, supported_levels(), level_name);

const Stream kStream{5, Purpose::kCompression, 2, 3};
constexpr UniformNearest kNearest{-1, 2.0f / 255, 255};
constexpr UniformStochastic kStochastic{-1, 2.0f / 15, 15};
constexpr MinMaxUint8 kMinMax{127.3f, 127, -128};
constexpr QsgdRule kQsgd{1.5f, 100};

/// Codes of each rule on a run of coordinates, the stochastic ones from `first` on.
struct Codes {
  Codes(ConstArrayView x, std::size_t first)
      : nearest(x.size), min_max(x.size), stochastic(x.size), qsgd(x.size) {
    quantize(kNearest, x, nearest.data());
    quantize(kMinMax, x, min_max.data());
    quantize(kStochastic, x, kStream, first, stochastic.data());
    quantize(kQsgd, x, kStream, first, qsgd.data());
  }

  std::vector<std::uint8_t> nearest, min_max, stochastic, qsgd;
};

TEST_P(Quantize, DoesCoordinateByCoordinateWhatTheRuleSays) {
  for (const std::size_t size : kSizes) {
    for (const std::size_t offset : kOffsets) {
      const Array all = random_array(size + offset, 1);
      const ConstArrayView x = all.view().part(offset, size);
      const Codes codes(x, offset);
      Random random(kStream);
      for (std::size_t i = 0; i < offset; ++i) random();
      std::size_t wrong = 0;
      for (std::size_t i = 0; i < size; ++i) {
        const std::uint32_t word = random();
        wrong += codes.nearest[i] != kNearest(x.data[i]);
        wrong += codes.min_max[i] != kMinMax(x.data[i]);
        wrong += codes.stochastic[i] != kStochastic(x.data[i], word);
        wrong += codes.qsgd[i] != kQsgd(x.data[i], word);
      }
      EXPECT_EQ(wrong, 0u) << size << " at " << offset;
    }
  }
}

TEST_P(Quantize, MayComePieceByPiece) {
  const Array x = random_array(5000, 1);
  const Codes whole(x.view(), 0);
  for (const std::size_t cut : {1, 1023, 1030, 4096}) {
    const Codes head(x.view().part(0, cut), 0), tail(x.view().part(cut, 5000 - cut), cut);
    EXPECT_TRUE(std::equal(head.qsgd.begin(), head.qsgd.end(), whole.qsgd.begin()));
    EXPECT_TRUE(std::ranges::equal(tail.qsgd, std::span(whole.qsgd).subspan(cut)));
    EXPECT_TRUE(std::ranges::equal(tail.stochastic, std::span(whole.stochastic).subspan(cut)));
  }
}

TEST_P(Quantize, CodesStandForWhatTheGridSays) {
  const Grid grid{-0.3f, 0.017f, 5};
  for (const std::size_t size : kSizes) {
    std::vector<std::uint8_t> codes(size);
    for (std::size_t i = 0; i < size; ++i) codes[i] = std::uint8_t(i * 31);
    Array out(size), sum = random_array(size, 2);
    const Array before = copy_of(sum.view());
    dequantize(grid, codes.data(), out.view());
    add_dequantized(grid, codes.data(), 0.7f, sum.view());
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const float value = -0.3f + 0.017f * (float(codes[i]) - 5);
      wrong += out[i] != value;
      wrong += sum[i] != before[i] + 0.7f * value;
    }
    EXPECT_EQ(wrong, 0u);
    EXPECT_EQ(largest_code(codes), size == 0 ? 0 : *std::ranges::max_element(codes));
  }
}

TEST(QuantizeRules, NearestIsNearestAndTiesGoToTheEvenCode) {
  constexpr UniformNearest rule{10, 2, 7};
  EXPECT_EQ(rule(10), 0);
  EXPECT_EQ(rule(10.9f), 0);
  EXPECT_EQ(rule(11), 0);  // between 0 and 1
  EXPECT_EQ(rule(13), 2);  // between 1 and 2
  EXPECT_EQ(rule(13.1f), 2);
  EXPECT_EQ(rule(24), 7);
  EXPECT_EQ(rule(1e9f), 7);
  EXPECT_EQ(rule(-1e9f), 0);
}

TEST(QuantizeRules, RoundingAtRandomIsRightOnAverage) {
  constexpr int kDraws = 200'000;
  Random random(3, Purpose::kModel);
  for (const float r : {0.0f, 0.25f, 3.9f, 126.5f}) {
    double sum = 0;
    for (int i = 0; i < kDraws; ++i) {
      const float rounded = rounded_at_random(r, random());
      EXPECT_TRUE(rounded == std::floor(r) || rounded == std::floor(r) + 1);
      sum += rounded;
    }
    const double fraction = r - std::floor(r);
    EXPECT_NEAR(sum / kDraws, r, 4 * std::sqrt(fraction * (1 - fraction) / kDraws) + 1e-7);
  }
}

TEST(QuantizeRules, QsgdNeverLeavesItsLevels) {
  constexpr QsgdRule rule{1, 3};
  for (const std::uint32_t word : {0u, 0x7fffffffu, 0xffffffffu}) {
    EXPECT_EQ(rule(0, word), 3);
    EXPECT_EQ(rule(-0.0f, word), 3);
    EXPECT_EQ(rule(1, word), 6);
    EXPECT_EQ(rule(-1, word), 0);
    EXPECT_EQ(rule(1.0000001f, word), 6);  // a norm may have been rounded down
  }
}

}  // namespace
}  // namespace kith::kernels
