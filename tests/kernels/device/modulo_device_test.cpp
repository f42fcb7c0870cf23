#include "kernels/device/on_device.h"

namespace kith::kernels {
namespace {

using ModuloOnDevice = OnDevice;

std::vector<std::uint32_t> shifts(std::size_t size) {
  std::vector<std::uint32_t> words(size);
  random_words({3, Purpose::kSharing, 1, 2}, 0, words);
  return words;
}

TEST_F(ModuloOnDevice, PointsArePartedAndFoundAsOnTheProcessor) {
  const HalfSteps rule{2 / 0.003};
  for_sizes_and_offsets([&](std::size_t size, std::size_t offset) {
    const unsigned width = 1 + static_cast<unsigned>(offset);
    const Array x = random_array(size, 1), y = random_array(size, 2);
    const std::vector<std::uint32_t> words = shifts(size);
    std::vector<std::int32_t> own(size), other(size), highs(size), differences(size);
    std::vector<std::uint8_t> codes(size);
    Floats x_there = held(x.view(), offset);
    Held<std::uint32_t> words_there(words, offset);
    Held<std::int32_t> own_there(size, offset), highs_there(size, offset), apart(size, offset);
    Codes codes_there(size, offset);

    to_half_steps(rule, x.view(), words.data(), own.data());
    to_half_steps(rule, x_there.view(), words_there.data(), own_there.data());
    EXPECT_TRUE(same(own_there.back(), own));

    to_half_steps(rule, y.view(), words.data(), other.data());
    Held<std::int32_t> other_there(other, offset);
    split_points({width}, other, codes.data(), highs.data());
    split_points({width}, other_there.span(), codes_there.data(), highs_there.data(), device());
    EXPECT_TRUE(same(codes_there.back(), codes));
    EXPECT_TRUE(same(highs_there.back(), highs));

    find_points({width}, own, codes.data(), differences.data(), highs.data());
    find_points({width}, own_there.span(), codes_there.data(), apart.data(), highs_there.data(),
                device());
    EXPECT_TRUE(same(apart.back(), differences));
    EXPECT_TRUE(same(highs_there.back(), highs));
    EXPECT_EQ(largest_magnitude(apart.span(), device()), largest_magnitude(differences));

    Array sum = copy_of(y.view());
    Floats sum_there = held(y.view(), offset);
    add_integers(differences.data(), 0.25f, sum.view());
    add_integers(apart.data(), 0.25f, sum_there.view());
    EXPECT_TRUE(same(sum_there.back(), floats(sum.view())));
  });
}

TEST_F(ModuloOnDevice, FingerprintsAreThoseOfTheProcessor) {
  const Stream key{1, Purpose::kSharing, 2, 3};
  for (const std::size_t size : {0, 1, 2, 127, 128, 129, 511, 512, 513, 100'003}) {
    std::vector<std::int32_t> values;
    for (const std::uint32_t word : shifts(size)) {
      values.push_back(static_cast<std::int32_t>(word >> 2) - (1 << 29));
    }
    Held<std::int32_t> there(values, 1);
    Fingerprint here(key), of_device(key);
    const std::size_t first = size / 2 / 128 * 128;
    here.add(values);
    of_device.add(there.span().first(first), device());
    of_device.add(there.span().subspan(first), device());
    EXPECT_EQ(of_device.value(), here.value()) << size;
  }
}

}  // namespace
}  // namespace kith::kernels
