#include "core/random.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <numbers>
#include <numeric>
#include <vector>

#include "core/portable_math.h"

namespace kith {
namespace {

using ::testing::ElementsAre;

// The known-answer vectors published with Random123 (kat_vectors, philox4x32 with 10 rounds).
TEST(Philox, GivesThePublishedAnswers) {
  EXPECT_THAT(philox::block({{0, 0, 0, 0}}, {{0, 0}}).word,
              ElementsAre(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8));
  constexpr std::uint32_t ones = 0xffffffff;
  EXPECT_THAT(philox::block({{ones, ones, ones, ones}}, {{ones, ones}}).word,
              ElementsAre(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd));
  EXPECT_THAT(
      philox::block({{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}}, {{0xa4093822, 0x299f31d0}})
          .word,
      ElementsAre(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1));
}

TEST(Random, IsAFunctionOfItsKey) {
  Random a(7, Purpose::kBatch, 3, 12), b(7, Purpose::kBatch, 3, 12);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(a(), b());
}

TEST(Random, DiffersInEveryPartOfTheKey) {
  const std::uint64_t base = Random(7, Purpose::kBatch, 3, 12).bits64();
  EXPECT_NE(base, Random(8, Purpose::kBatch, 3, 12).bits64());
  EXPECT_NE(base, Random(7 + (std::uint64_t{1} << 32), Purpose::kBatch, 3, 12).bits64());
  EXPECT_NE(base, Random(7, Purpose::kModel, 3, 12).bits64());
  EXPECT_NE(base, Random(7, Purpose::kBatch, 4, 12).bits64());
  EXPECT_NE(base, Random(7, Purpose::kBatch, 3, 13).bits64());
}

TEST(Random, BelowIsUniform) {
  Random random(1, Purpose::kGraph);
  constexpr int kDraws = 60'000;
  std::array<int, 6> counts{};
  for (int i = 0; i < kDraws; ++i) ++counts[random.below(6)];
  double chi_square = 0;
  for (const int count : counts) chi_square += std::pow(count - kDraws / 6.0, 2) / (kDraws / 6.0);
  EXPECT_LT(chi_square, 20.5);  // 99.9 % quantile at 5 degrees of freedom
}

TEST(Random, NormalHasTheMomentsOfANormal) {
  Random random(2, Purpose::kModel);
  constexpr int kDraws = 200'000;
  double sum = 0, squares = 0, fourths = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double x = random.normal();
    sum += x;
    squares += x * x;
    fourths += x * x * x * x;
  }
  EXPECT_NEAR(sum / kDraws, 0, 0.01);
  EXPECT_NEAR(squares / kDraws, 1, 0.015);
  EXPECT_NEAR(fourths / kDraws, 3, 0.1);
}

TEST(Random, GammaHasTheMeanAndVarianceOfItsShape) {
  for (const double shape : {0.3, 1.0, 4.5}) {
    Random random(3, Purpose::kPartition);
    constexpr int kDraws = 200'000;
    double sum = 0, squares = 0;
    for (int i = 0; i < kDraws; ++i) {
      const double x = portable::exp(random.log_gamma_variate(shape));
      sum += x;
      squares += x * x;
    }
    const double mean = sum / kDraws;
    EXPECT_NEAR(mean, shape, 0.02 * shape + 0.005);
    EXPECT_NEAR(squares / kDraws - mean * mean, shape, 0.05 * shape + 0.01);
  }
}

TEST(Random, GammaOfATinyShapeStaysFinite) {
  Random random(4, Purpose::kPartition);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(std::isfinite(random.log_gamma_variate(1e-6)));
}

TEST(Shuffle, ReachesEveryOrderEquallyOften) {
  Random random(5, Purpose::kBatch);
  std::vector<int> counts(27);
  for (int i = 0; i < 60'000; ++i) {
    std::vector<int> items{0, 1, 2};
    shuffle(std::span(items), random);
    ++counts[static_cast<std::size_t>(items[0] * 9 + items[1] * 3 + items[2])];
  }
  int orders = 0;
  for (const int count : counts) {
    if (count == 0) continue;
    ++orders;
    EXPECT_NEAR(count, 10'000, 400);
  }
  EXPECT_EQ(orders, 6);
}

TEST(PortableMath, AgreesWithTheLibrary) {
  Random random(6, Purpose::kModel);
  for (int i = 0; i < 10'000; ++i) {
    const double x = std::ldexp(0.5 + random.uniform(), static_cast<int>(random.below(1000)) - 500);
    EXPECT_NEAR(portable::log(x), std::log(x), 1e-14 * std::abs(std::log(x)) + 1e-16);
    const double y = 1400 * random.uniform() - 700;
    EXPECT_NEAR(portable::exp(y) / std::exp(y), 1, 1e-13);
    const double angle = std::numbers::pi * random.uniform();
    EXPECT_NEAR(portable::cos(angle), std::cos(angle), 1e-15);
    const double base = 0.5 + random.uniform();
    const auto exponent = static_cast<std::int64_t>(random.below(200));
    EXPECT_NEAR(portable::power(base, exponent) / std::pow(base, double(exponent)), 1, 1e-13);
  }
  EXPECT_EQ(portable::log(1), 0);
  EXPECT_EQ(portable::exp(0), 1);
  EXPECT_EQ(portable::exp(-800), 0);
  EXPECT_EQ(portable::cos(0), 1);
  EXPECT_EQ(portable::cos(std::numbers::pi), -1);
  EXPECT_EQ(portable::power(0.9, 0), 1);
  EXPECT_EQ(portable::power(-2, 11), -2048);
}

}  // namespace
}  // namespace kith
