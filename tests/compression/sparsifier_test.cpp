#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "compression/compressing.h"
#include "compression/scope.h"

namespace kith {
namespace {

using ::testing::ElementsAre;

/// A matrix and a bias, of 6 and 4 numbers.
ParameterLayout two_layers() {
  ParameterLayout layout;
  layout.add("weight", {2, 3});
  layout.add("bias", {4});
  return layout;
}

const std::vector<float> kTwoLayers{9, 8, -7, 6, 5, 4, 0.1f, -0.3f, 0.2f, 0.3f};

TEST(Keep, RoundsHalvesToEvenAndKeepsOneAtLeast) {
  const auto kept = [](double fraction, std::size_t size) {
    return Keep{.fraction = fraction, .k = std::nullopt}.of(size);
  };
  EXPECT_EQ(kept(0.1, 1000), 100u);
  EXPECT_EQ(kept(0.5, 5), 2u);  // 2.5
  EXPECT_EQ(kept(0.5, 7), 4u);  // 3.5
  EXPECT_EQ(kept(0.01, 10), 1u);
  EXPECT_EQ(kept(1, 10), 10u);
  EXPECT_EQ(kept(1, 0), 0u);
  EXPECT_EQ((Keep{.fraction = std::nullopt, .k = 7}.of(5)), 5u);
}

TEST(TopK, TiesGoToTheLowestIndex) {
  const Compressing q(R"({"type": "top_k", "k": 3})", 6);
  EXPECT_THAT(q.compress({1, -2, 2, -2, 2, 0}).indices, ElementsAre(1, 2, 3));
}

TEST(TopK, WithTheScopeOfALayerEachTensorHasItsOwn) {
  const Compressing global(R"({"type": "top_k", "k": 2})", two_layers());
  EXPECT_THAT(global.compress(kTwoLayers).indices, ElementsAre(0, 1));
  const Compressing layer(R"({"type": "top_k", "k": 2, "scope": "layer"})", two_layers());
  EXPECT_THAT(layer.compress(kTwoLayers).indices, ElementsAre(0, 1, 7, 9));
  const Compressing fraction(R"({"type": "top_k", "fraction": 0.5, "scope": "layer"})",
                             two_layers());
  EXPECT_THAT(fraction.compress(kTwoLayers).indices, ElementsAre(0, 1, 2, 7, 9));
}

TEST(Ternary, TakesTheMeanMagnitudeOfEachLayersLargest) {
  const Compressing layer(R"({"type": "ternary", "k": 2, "scope": "layer"})", two_layers());
  EXPECT_THAT(layer.of(kTwoLayers), ElementsAre(8.5f, 8.5f, 0, 0, 0, 0, 0, -0.3f, 0, 0.3f));
}

TEST(Ternary, LosesWhatItsMeanDoesNotSay) {
  const std::vector<float> x = normal_vector(5000, 1);
  const Compressing q(R"({"type": "ternary", "k": 2100})", x.size());  // more than two runs
  double sum = 0;
  for (const std::uint32_t index : q.compress(x).indices) sum += std::abs(x[index]);
  EXPECT_NEAR(squared_error(q.of(x), x), squared_norm(x) - sum * sum / 2100, 1e-2);
}

TEST(Sign, LosesExactlyWhatItsLawSays) {
  const std::vector<float> x = normal_vector(1001, 2);
  double sum = 0;
  for (const float value : x) sum += std::abs(value);
  const Compressing q(R"("sign")", x.size());
  EXPECT_NEAR(squared_error(q.of(x), x), squared_norm(x) - sum * sum / 1001, 1e-3);
}

TEST(Sign, ScalesEachLayerByItself) {
  const Compressing q(R"({"type": "sign", "scope": "layer"})", two_layers());
  const std::vector<float> said = q.of(kTwoLayers);
  EXPECT_FLOAT_EQ(said[2], -6.5f);
  EXPECT_FLOAT_EQ(said[7], -0.225f);
}

TEST(RandomK, DrawsEveryCoordinateEquallyOften) {
  constexpr std::size_t size = 23;
  constexpr int kDraws = 20'000;
  const Compressing q(R"({"type": "random_k", "k": 5})", size);
  const std::vector<float> ones(size, 1);
  std::vector<double> counts(size);
  for (std::uint32_t draw = 0; draw < kDraws; ++draw) {
    const std::vector<float> said = q.of(ones, draw);
    double kept = 0;
    for (std::size_t i = 0; i < size; ++i) {
      counts[i] += said[i];
      kept += said[i];
    }
    ASSERT_EQ(kept, 5);
  }
  const double expected = 5.0 / size * kDraws;
  double chi_square = 0;
  for (const double count : counts) chi_square += std::pow(count - expected, 2) / expected;
  EXPECT_LT(chi_square, 48.3);  // the 99.9 % quantile at 22 degrees of freedom
}

TEST(RandomK, KeepsAllWhereAllAreToBeKept) {
  const std::vector<float> x = normal_vector(50, 3);
  EXPECT_EQ(Compressing(R"({"type": "random_k", "fraction": 1})", 50).of(x), x);
}

TEST(RandomK, SendsItsSeedInsteadOfItsIndices) {
  const Compressing q(R"({"type": "random_k", "k": 5, "scope": "layer"})", two_layers());
  const Compressed message = q.compress(kTwoLayers);
  EXPECT_TRUE(message.indices.empty());
  EXPECT_EQ(message.values.size(), 9u);  // five of six, and all four
  EXPECT_EQ(q.said(message).size(), 4 * 9 + 8u);
  EXPECT_EQ(q.said(message).metadata_bytes(), 8u);
}

TEST(Threshold, KeepsWhatReachesItAndNothingElse) {
  const Compressing absolute(R"({"type": "threshold", "value": 0.3})", 5);
  EXPECT_THAT(absolute.of({0.25f, -0.5f, 0.299f, 7, 0}), ElementsAre(0, -0.5f, 0, 7, 0));
  const Compressing relative(R"({"type": "threshold", "value": 0.5, "relative_to": "max"})", 5);
  EXPECT_THAT(relative.of({1, -2, 4, -1.9f, 0}), ElementsAre(0, -2, 4, 0, 0));
  EXPECT_THAT(absolute.compress({0, 0, 0, 0, 0}).indices, ElementsAre());
}

}  // namespace
}  // namespace kith
