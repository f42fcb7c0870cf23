#include <functional>
#include <limits>

#include "kernels/device/on_device.h"

namespace kith::kernels {
namespace {

using SparseOnDevice = OnDevice;

void expect_same_selection(const Array& x, std::size_t k, std::size_t offset) {
  std::vector<std::uint32_t> scratch(x.size() + kTopKSlack), indices(k);
  std::vector<float> values(k);
  top_k(x.view(), scratch, indices, {values.data(), k, {}});
  Floats there = held(x.view(), offset), values_there(k);
  Held<std::uint32_t> indices_there(k);
  top_k(there.view(), {}, indices_there.span(), values_there.view());
  ASSERT_EQ(indices_there.back(), indices) << k << " of " << x.size();
  EXPECT_TRUE(same(values_there.back(), values)) << k << " of " << x.size();
}

TEST_F(SparseOnDevice, TopKIsThatOfTheProcessor) {
  for (const std::size_t size : {1, 2, 7, 31, 33, 1'000, 2'048, 2'049, 40'000}) {
    const Array x = random_array(size, size);
    for (const std::size_t k :
         {std::size_t{0}, std::size_t{1}, size / 100, size / 10, size / 2, size - 1, size}) {
      for (const std::size_t offset : kOffsets) expect_same_selection(x, k, offset);
    }
  }
}

TEST_F(SparseOnDevice, TopKOfAMillionIsThatOfTheProcessor) {
  Array x = random_array(1'000'003, 5);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = x[i] * x[i] * x[i];
  for (const std::size_t k : {1, 1'000, 10'000, 300'000}) expect_same_selection(x, k, 0);
}

TEST_F(SparseOnDevice, TiesGoToTheLowestIndexWhateverTheVector) {
  constexpr float inf = std::numeric_limits<float>::infinity();
  constexpr float denormal = std::numeric_limits<float>::denorm_min();
  const std::function<float(std::size_t)> awkward[] = {
      [](std::size_t) { return 0.0f; },
      [](std::size_t i) { return i % 3 == 0 ? 1.0f : -1.0f; },
      [](std::size_t i) { return i % 1000 == 999 ? 1.0f : 0.0f; },
      [](std::size_t i) { return 1 + float(i % 7) * 0x1p-23f; },
      [=](std::size_t i) { return float(i % 97) * denormal; },
      [=](std::size_t i) {
        return i % 5'000 == 3 ? inf : i % 9'000 == 5 ? std::nanf("") : float(i);
      },
  };
  Array x(50'000);
  for (const auto& element : awkward) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = element(i);
    for (const std::size_t k : {1, 5, 100, 9'999, 25'000}) expect_same_selection(x, k, 0);
  }
}

TEST_F(SparseOnDevice, SomeCoordinatesAreReadAndWrittenAsOnTheProcessor) {
  constexpr std::size_t size = 10'000;
  const Array x = random_array(size, 1), target = random_array(size, 2);
  std::vector<std::uint32_t> indices;
  for (std::uint32_t i = 0; i < size; i += 1 + i % 5) indices.push_back(i);
  const Array values = random_array(indices.size(), 3);
  Floats x_there = held(x.view()), values_there = held(values.view());
  Held<std::uint32_t> indices_there(indices);

  Array gathered(indices.size());
  Floats gathered_there(indices.size());
  gather(x.view(), indices, gathered.view());
  gather(x_there.view(), indices_there.span(), gathered_there.view());
  EXPECT_TRUE(same(gathered_there.back(), floats(gathered.view())));

  Array want = copy_of(target.view());
  Floats out = held(target.view());
  scatter_add(indices, 0.3f, values.view(), want.view());
  scatter_add(indices_there.span(), 0.3f, values_there.view(), out.view());
  EXPECT_TRUE(same(out.back(), floats(want.view())));
  scatter_add_difference(indices, 0.3f, values.view(), x.view(), want.view());
  scatter_add_difference(indices_there.span(), 0.3f, values_there.view(), x_there.view(),
                         out.view());
  EXPECT_TRUE(same(out.back(), floats(want.view())));
  scatter(indices, values.view(), want.view());
  scatter(indices_there.span(), values_there.view(), out.view());
  EXPECT_TRUE(same(out.back(), floats(want.view())));
  copy_at(indices, x.view(), want.view());
  copy_at(indices_there.span(), x_there.view(), out.view());
  EXPECT_TRUE(same(out.back(), floats(want.view())));
  shift_indices(indices, 1'000);
  shift_indices(indices_there.span(), 1'000, device());
  EXPECT_TRUE(same(indices_there.back(), indices));
}

using NormsOnDevice = OnDevice;

TEST_F(NormsOnDevice, SumsAreThoseOfTheProcessorToTheLastBit) {
  for (const std::size_t size : {0, 1, 31, 33, 4'095, 4'096, 4'097, 40'000, 1'000'003}) {
    const Array a = random_array(size, 1), b = random_array(size, 2);
    for (const std::size_t offset : kOffsets) {
      Floats left = held(a.view(), offset), right = held(b.view(), offset);
      EXPECT_EQ(absolute_sum(left.view()), absolute_sum(a.view())) << size;
      EXPECT_EQ(dot(left.view(), right.view()), dot(a.view(), b.view())) << size;
      EXPECT_EQ(squared_difference(left.view(), right.view()),
                squared_difference(a.view(), b.view()))
          << size;
    }
  }
}

TEST_F(NormsOnDevice, BoundsAreThoseOfTheProcessor) {
  for (const std::size_t size : {0, 1, 31, 257, 4'097, 1'000'003}) {
    for (const float special : {0.5f, -0.0f, -3e38f, std::numeric_limits<float>::infinity()}) {
      Array x = random_array(size, 1);
      if (size > 0) x[size / 2] = special;
      Floats there = held(x.view(), 1);
      const Extent want = extent(x.view()), got = extent(there.view());
      EXPECT_EQ(std::memcmp(&want, &got, sizeof want), 0) << size;
      EXPECT_EQ(max_abs(there.view()), max_abs(x.view())) << size;
      EXPECT_EQ(all_finite(there.view()), all_finite(x.view())) << size;
    }
  }
}

}  // namespace
}  // namespace kith::kernels
