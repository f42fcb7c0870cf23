#include "kernels/random_bits.h"

#include <bit>
#include <cmath>

#include "kernels/every_level.h"

namespace kith::kernels {
namespace {

class RandomBits : public EveryLevel {};
INSTANTIATE_TEST_SUITE_P(Level, RandomBits, supported_levels(), level_name);

const Stream kStream{0x123456789abcdef, Purpose::kSharing, 7, 11};

std::vector<std::uint32_t> one_by_one(std::size_t count) {
  Random random(kStream);
  std::vector<std::uint32_t> words(count);
  for (std::uint32_t& word : words) word = random();
  return words;
}

TEST_P(RandomBits, AreTheWordsThatRandomDraws) {
  const std::vector<std::uint32_t> expected = one_by_one(10'000);
  for (const std::size_t first : {0, 1, 2, 3, 4, 5, 1023, 1024, 1027}) {
    for (const std::size_t count : {0, 1, 3, 4, 15, 16, 17, 1023, 1024, 1025, 5000}) {
      std::vector<std::uint32_t> words(count);
      random_words(kStream, first, words);
      EXPECT_TRUE(std::ranges::equal(words, std::span(expected).subspan(first, count)))
          << count << " words from " << first;
    }
  }
}

TEST_P(RandomBits, ABitOfTheMaskSaysWhetherItsWordIsBelowTheThreshold) {
  const std::vector<std::uint32_t> words = one_by_one(5'001);
  for (const double probability : {0.0, 0.1, 0.5, 0.999, 1.0}) {
    const std::uint64_t threshold = bernoulli_threshold(probability);
    for (const std::size_t size : {0, 1, 7, 8, 9, 1024, 1025, 5'001}) {
      std::vector<std::byte> bits((size + 7) / 8, std::byte{0xff});
      bernoulli_mask(kStream, threshold, size, bits);
      std::vector<std::uint32_t> expected;
      for (std::size_t i = 0; i < 8 * bits.size(); ++i) {
        const bool set = i < size && words[i] < threshold;
        ASSERT_EQ(std::to_integer<int>(bits[i / 8] >> i % 8 & std::byte{1}), set) << i;
        if (set) expected.push_back(std::uint32_t(i));
      }
      std::vector<std::uint32_t> indices(expected.size() + 8);
      ASSERT_EQ(indices_of_set_bits(bits, indices), expected.size());
      indices.resize(expected.size());
      EXPECT_EQ(indices, expected);
    }
  }
}

TEST_P(RandomBits, AMaskHasAsManyBitsAsItsProbabilitySays) {
  constexpr std::size_t size = 1'000'000;
  std::vector<std::byte> bits(size / 8);
  bernoulli_mask(kStream, bernoulli_threshold(0.1), size, bits);
  double set = 0;
  for (const std::byte byte : bits) set += std::popcount(std::to_integer<unsigned>(byte));
  EXPECT_NEAR(set, 0.1 * size, 4 * std::sqrt(0.1 * 0.9 * size));
}

}  // namespace
}  // namespace kith::kernels
