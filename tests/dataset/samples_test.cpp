#include "dataset/samples.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "dataset/fixtures.h"

namespace kith {
namespace {

using ::testing::ElementsAre;

TEST(Samples, GatherTakesTheRowsAskedForInTheirOrder) {
  const Samples samples({2}, {0, 1, 10, 11, 20, 21});
  ASSERT_EQ(samples.size(), 3u);
  std::vector<float> out(6);
  samples.gather(std::vector<std::uint32_t>{2, 0, 2}, out);
  EXPECT_THAT(out, ElementsAre(20, 21, 0, 1, 20, 21));
}

TEST(Samples, EveryByteOfEveryChannelIsNormalizedExactly) {
  const std::vector<float> mean{0.4914f, 0.1307f, 0.5f}, deviation{0.247f, 0.3081f, 2};
  std::vector<std::uint8_t> pixels(3 * 256);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i);
  const auto features = features_of(Samples({3, 16, 16}, pixels, mean, deviation));
  for (std::size_t channel = 0; channel < 3; ++channel) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const float pixel = static_cast<float>(byte) / 255.0f;
      EXPECT_EQ(features[channel * 256 + byte], (pixel - mean[channel]) / deviation[channel]);
    }
  }
}

TEST(Samples, PixelsWithoutNormalizationAreFractionsOf255) {
  EXPECT_THAT(features_of(Samples({1, 1, 3}, {0, 51, 255}, {}, {})), ElementsAre(0, 0.2f, 1));
}

TEST(Samples, APartKeepsAllThatIsKnownOfItsSamples) {
  Samples samples({1, 1, 2}, {0, 255, 51, 0, 255, 51}, {0.2f}, {2});
  samples.labels = {7, 8, 9};
  samples.targets = {1, 2, 3, 4, 5, 6};
  samples.columns["user"] = {0, 1, 0};
  const Samples part = samples.part(1, 2);
  EXPECT_EQ(part.size(), 2u);
  EXPECT_EQ(part.shape(), samples.shape());
  EXPECT_THAT(features_of(part), ElementsAre(0, -0.1f, 0.4f, 0));
  EXPECT_THAT(part.labels, ElementsAre(8, 9));
  EXPECT_THAT(part.targets, ElementsAre(3, 4, 5, 6));
  EXPECT_THAT(part.columns.at("user"), ElementsAre(1, 0));
  const Samples reversed = part.at(std::vector<std::uint32_t>{1, 0});
  EXPECT_THAT(reversed.labels, ElementsAre(9, 8));
  EXPECT_THAT(features_of(reversed), ElementsAre(0.4f, 0, 0, -0.1f));
}

TEST(Samples, NothingHasNoSamples) {
  const Samples nothing;
  EXPECT_TRUE(nothing.empty());
  EXPECT_EQ(nothing.sample_size(), 0u);
  EXPECT_TRUE(nothing.part(0, 0).empty());
  EXPECT_TRUE(Samples({2}, {1, 2}).part(1, 0).empty());
}

}  // namespace
}  // namespace kith
