#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "compression/compressing.h"
#include "support/folder.h"

namespace kith {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

TEST(UniformCompressor, RoundsToTheNearestOfItsPoints) {
  const Compressing q(R"({"type": "uniform", "bits": 2})", 6);
  EXPECT_THAT(q.of({0, 3, 1.4f, 1.6f, 2.5f, 0.4f}), ElementsAre(0, 3, 1, 2, 2, 0));
}

TEST(UniformCompressor, AnErrorIsAtMostHalfAStep) {
  for (const int bits : {1, 2, 3, 4, 5, 6, 7, 8}) {
    const std::vector<float> x = normal_vector(10'000, std::uint64_t(bits));
    const Compressing q(R"({"type": "uniform", "bits": )" + std::to_string(bits) + '}', x.size());
    const auto [low, high] = std::ranges::minmax(x);
    const double step = (double(high) - low) / ((1 << bits) - 1);
    const std::vector<float> said = q.of(x);
    for (std::size_t i = 0; i < x.size(); ++i) ASSERT_LE(std::abs(said[i] - x[i]), step * 0.50001);
    EXPECT_EQ(q->form().packed, (x.size() * std::size_t(bits) + 7) / 8);
  }
}

TEST(UniformCompressor, AtRandomItRoundsToOneOfTheTwoNeighbors) {
  const Compressing q(R"({"type": "uniform", "bits": 2, "rounding": "stochastic"})", 4);
  std::set<float> seen;
  for (std::uint32_t draw = 0; draw < 200; ++draw) seen.insert(q.of({0, 3, 1.5f, 2}, draw)[2]);
  EXPECT_THAT(seen, ElementsAre(1, 2));
}

TEST(UniformCompressor, AConstantIsSaidExactly) {
  for (const float value : {0.1f, -7e-42f, 3e38f}) {
    EXPECT_THAT(
        Compressing(R"({"type": "uniform", "bits": 3})", 9).of(std::vector<float>(9, value)),
        Each(value));
  }
}

TEST(MinMaxUint8, StaysWithinAByteWhereTheRangeIsTinyBesideTheValues) {
  for (const float offset : {1e3f, 1e6f, -1e9f, 1e20f}) {
    std::vector<float> x(100);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = offset * (1 + 1e-6f * float(i % 7));
    const std::vector<float> said = Compressing(R"("minmax_uint8")", x.size()).of(x);
    const auto [low, high] = std::ranges::minmax(x);
    for (const float value : said) {
      // To a step, and to what float32 can say of x · scale.
      EXPECT_NEAR(value, offset, double(high - low) + 1e-6 + 3e-7 * std::abs(offset));
    }
  }
}

TEST(Quantizers, ABucketHasAScaleOfItsOwn) {
  std::vector<float> x = normal_vector(64, 1);
  x[40] = 1e6f;  // spoils the grid of its own bucket only
  const Compressing q(R"({"type": "uniform", "bits": 8, "bucket": 16})", x.size());
  const std::vector<float> said = q.of(x);
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (i / 16 != 40 / 16) {
      EXPECT_NEAR(said[i], x[i], 0.02);
    }
  }
  EXPECT_EQ(q->form().packed, 64u);
  EXPECT_EQ(q->form().head, 4 * 8u);
}

TEST(Quantizers, RefuseARangeThatFloat32CannotHold) {
  const std::vector<float> x{-3e38f, 3e38f};
  EXPECT_THROW(Compressing(R"({"type": "uniform", "bits": 8})", 2).compress(x), NumericError);
  EXPECT_THROW(Compressing(R"("minmax_uint8")", 2).compress(x), NumericError);
  EXPECT_THROW(Compressing(R"({"type": "qsgd", "levels": 4})", 2).compress(x), NumericError);
}

TEST(Qsgd, OneNumberIsItsOwnNormAndSaidExactly) {
  for (const float value : {3.7f, -1e-20f, 5e-44f}) {
    EXPECT_THAT(Compressing(R"({"type": "qsgd", "levels": 5})", 1).of({value}),
                Each(::testing::FloatEq(value)));
  }
}

TEST(SixteenBits, SayWhatIsTooLargeForThem) {
  const auto refusal = [](const char* json, float value) {
    return message_of<NumericError>([&] { Compressing(json, 1).compress({value}); });
  };
  EXPECT_EQ(refusal(R"("fp16")", 65519), "no error");
  EXPECT_EQ(refusal(R"("fp16")", -65520),
            "a number to be sent is too large for fp16, which ends at 65,504: 65520.000000");
  EXPECT_EQ(refusal(R"("bf16")", 3.3e38f), "no error");
  EXPECT_THAT(refusal(R"("bf16")", 3.4e38f), ::testing::StartsWith("a number to be sent is too"));
}

}  // namespace
}  // namespace kith
