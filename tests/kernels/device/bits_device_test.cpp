#include "kernels/device/on_device.h"

namespace kith::kernels {
namespace {

using BitsOnDevice = OnDevice;

const Stream kStream{0x123456789abcdef, Purpose::kSharing, 7, 11};

std::vector<std::uint32_t> words_of(std::size_t size, std::size_t first = 0) {
  std::vector<std::uint32_t> words(size);
  random_words(kStream, first, words);
  return words;
}

TEST_F(BitsOnDevice, RandomWordsAreThoseOfTheProcessor) {
  for (const std::size_t first : {0, 1, 2, 3, 4, 1023, 1027}) {
    for (const std::size_t size : {0, 1, 3, 4, 5, 16, 1023, 5'000}) {
      Held<std::uint32_t> there(size, 1);
      random_words(kStream, first, there.span(), device());
      EXPECT_TRUE(same(there.back(), words_of(size, first))) << size << " words from " << first;
    }
  }
}

TEST_F(BitsOnDevice, MasksAndThePlacesOfTheirBitsAreThoseOfTheProcessor) {
  for (const double probability : {0.0, 0.01, 0.5, 1.0}) {
    const std::uint64_t threshold = bernoulli_threshold(probability);
    for (const std::size_t size : {0, 1, 7, 8, 9, 1'024, 8'191, 8'192, 8'193, 100'003}) {
      SCOPED_TRACE(std::to_string(size) + " bits, " + std::to_string(probability));
      std::vector<std::byte> bits((size + 7) / 8);
      bernoulli_mask(kStream, threshold, size, bits);
      Held<std::byte> bits_there(bits.size(), 1);
      bernoulli_mask(kStream, threshold, size, bits_there.span(), device());
      EXPECT_TRUE(same(bits_there.back(), bits));

      std::vector<std::uint32_t> indices(size + 8);
      Held<std::uint32_t> indices_there(size + 8);
      const std::size_t count = indices_of_set_bits(bits, indices);
      EXPECT_EQ(indices_of_set_bits(bits_there.span(), indices_there.span(), device()), count);
      indices.resize(count);
      auto found = indices_there.back();
      found.resize(count);
      EXPECT_TRUE(same(found, indices));
    }
  }
}

// More tiles than the block that says where each writes has threads.
TEST_F(BitsOnDevice, PlacesOfManyBitsAreThoseOfTheProcessor) {
  std::vector<std::byte> bits(3'000'001);
  bernoulli_mask(kStream, bernoulli_threshold(0.02), 8 * bits.size(), bits);
  std::vector<std::uint32_t> indices(8 * bits.size() / 40);
  const std::size_t count = indices_of_set_bits(bits, indices);
  ASSERT_LE(count + 8, indices.size());
  Held<std::byte> bits_there(bits);
  Held<std::uint32_t> indices_there(indices.size());
  ASSERT_EQ(indices_of_set_bits(bits_there.span(), indices_there.span(), device()), count);
  indices.resize(count);
  auto found = indices_there.back();
  found.resize(count);
  EXPECT_TRUE(same(found, indices));
}

/// `back` after an element that nobody shall write.
template <class T>
void expect_kept(Held<T>& held, const std::vector<T>& want, T behind) {
  auto found = held.back();
  ASSERT_EQ(found.size(), want.size() + 1);
  EXPECT_EQ(found.back(), behind);
  found.pop_back();
  EXPECT_TRUE(same(found, want));
}

TEST_F(BitsOnDevice, NumbersOfEveryWidthArePackedAsOnTheProcessor) {
  for (int width = 1; width <= 32; ++width) {
    for (const std::size_t count : {0, 1, 2, 7, 8, 9, 31, 33, 1'001}) {
      SCOPED_TRACE(std::to_string(count) + " of " + std::to_string(width) + " bits");
      std::vector<std::uint32_t> numbers = words_of(count, 3);
      for (std::uint32_t& number : numbers) number >>= 32 - width;
      std::vector<std::byte> packed(packed_bytes(count, width));
      bit_pack(numbers, width, packed.data());

      constexpr std::byte kBehind{0x5a};
      Held<std::uint32_t> numbers_there(numbers, 1);
      Held<std::byte> packed_there(std::vector<std::byte>(packed.size() + 1, kBehind), 1);
      bit_pack(numbers_there.span(), width, packed_there.data(), device());
      expect_kept(packed_there, packed, kBehind);

      Held<std::uint32_t> back(std::vector<std::uint32_t>(count + 1, 7));
      bit_unpack(packed_there.span().first(packed.size()), width, back.span().first(count),
                 device());
      expect_kept(back, numbers, 7u);
    }
  }
}

TEST_F(BitsOnDevice, CodesOfEveryWidthArePackedAsOnTheProcessor) {
  for (unsigned width = 1; width <= 8; ++width) {
    for (const std::size_t count : {0, 1, 7, 8, 9, 63, 64, 65, 1'001}) {
      SCOPED_TRACE(std::to_string(count) + " of " + std::to_string(width) + " bits");
      std::vector<std::uint8_t> codes;
      for (const std::uint32_t word : words_of(count, 5)) {
        codes.push_back(static_cast<std::uint8_t>(word & ((1u << width) - 1)));
      }
      std::vector<std::uint8_t> packed(code_bytes(count, width));
      pack_codes(codes, width, packed.data());

      constexpr std::uint8_t kBehind = 0x5a;
      Codes codes_there(codes, 1);
      Codes packed_there(std::vector<std::uint8_t>(packed.size() + 1, kBehind), 1);
      pack_codes(codes_there.span(), width, packed_there.data(), device());
      expect_kept(packed_there, packed, kBehind);

      Codes back(std::vector<std::uint8_t>(count + 1, kBehind), 3);
      unpack_codes(packed_there.data(), width, back.span().first(count), device());
      expect_kept(back, codes, kBehind);
    }
  }
}

}  // namespace
}  // namespace kith::kernels
