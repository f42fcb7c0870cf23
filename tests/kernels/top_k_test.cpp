#include "kernels/top_k.h"

#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <numeric>

#include "kernels/every_level.h"

namespace kith::kernels {
namespace {

class TopKKernel : public EveryLevel {};
INSTANTIATE_TEST_SUITE_P(Level, TopKKernel, supported_levels(), level_name);

struct Selection {
  std::vector<std::uint32_t> indices;
  std::vector<float> values;
};

Selection select(ConstArrayView x, std::size_t k) {
  Selection found{std::vector<std::uint32_t>(k), std::vector<float>(k)};
  std::vector<std::uint32_t> scratch(x.size + kTopKSlack);
  top_k(x, scratch, found.indices, {found.values.data(), k, {}});
  return found;
}

std::uint32_t magnitude_bits(float x) {
  std::uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits & 0x7fffffff;
}

/// The definition: sorted by magnitude, then by index.
std::vector<std::uint32_t> by_sorting(ConstArrayView x, std::size_t k) {
  std::vector<std::uint32_t> order(x.size);
  std::iota(order.begin(), order.end(), 0u);
  const auto first = [&](std::uint32_t a, std::uint32_t b) {
    const auto left = magnitude_bits(x.data[a]), right = magnitude_bits(x.data[b]);
    return left != right ? left > right : a < b;
  };
  std::ranges::sort(order, first);
  order.resize(k);
  std::ranges::sort(order);
  return order;
}

void expect_right(ConstArrayView x, std::size_t k) {
  const Selection found = select(x, k);
  ASSERT_EQ(found.indices, by_sorting(x, k)) << k << " of " << x.size;
  for (std::size_t i = 0; i < k; ++i) {
    const float expected = x.data[found.indices[i]];
    EXPECT_EQ(std::memcmp(&found.values[i], &expected, sizeof expected), 0);
  }
}

TEST_P(TopKKernel, PicksWhatSortingPicks) {
  for (const std::size_t size : {1, 2, 7, 8, 9, 31, 33, 1000, 40'000}) {
    const Array x = random_array(size + 1, size);
    for (const std::size_t k :
         {std::size_t{0}, std::size_t{1}, size / 100, size / 10, size / 2, size - 1, size}) {
      expect_right(x.view().part(1, size), k);
    }
  }
}

TEST_P(TopKKernel, PicksWhatSortingPicksAmongAMillion) {
  Array x = random_array(1'000'003, 5);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = x[i] * x[i] * x[i];
  for (const std::size_t k : {1, 1'000, 10'000, 100'000, 300'000}) expect_right(x.view(), k);
}

/// Vectors of 100,000 elements that a sample, or a histogram, tells little about.
std::vector<std::function<float(std::size_t)>> awkward() {
  constexpr float inf = std::numeric_limits<float>::infinity();
  constexpr float denormal = std::numeric_limits<float>::denorm_min();
  return {
      [](std::size_t) { return 0.0f; },
      [](std::size_t) { return -1.5f; },
      [](std::size_t i) { return i % 3 == 0 ? 1.0f : -1.0f; },
      [](std::size_t i) { return i % 1000 == 999 ? 1.0f : 0.0f; },  // mostly zero
      [](std::size_t i) { return i % 24 == 0 ? 0.0f : float(i); },  // what a stride sees is zero
      [](std::size_t i) { return i % 24 == 0 ? 1e9f + float(i) : 1.0f; },
      [](std::size_t i) { return 1 + float(i % 7) * 0x1p-23f; },  // equal but for the last bits
      [=](std::size_t i) { return float(i % 97) * denormal; },
      [=](std::size_t i) { return i % 10'000 == 3   ? inf
                                  : i % 20'000 == 5 ? -inf
                                                    : float(i); },
  };
}

TEST_P(TopKKernel, TiesGoToTheLowestIndexWhateverTheVector) {
  Array x(100'000);
  for (const auto& element : awkward()) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = element(i);
    for (const std::size_t k : {1, 5, 100, 1'000, 10'000, 19'999, 50'000})
      expect_right(x.view(), k);
  }
}

TEST_P(TopKKernel, NaNIsAboveInfinity) {
  const float inf = std::numeric_limits<float>::infinity();
  const std::vector<float> x{1, inf, 2, std::nanf(""), -inf, 3};
  const ConstArrayView view{x.data(), x.size(), {}};
  EXPECT_EQ(select(view, 1).indices, (std::vector<std::uint32_t>{3}));
  EXPECT_EQ(select(view, 2).indices, (std::vector<std::uint32_t>{1, 3}));
  EXPECT_EQ(select(view, 4).indices, (std::vector<std::uint32_t>{1, 3, 4, 5}));
}

TEST_P(TopKKernel, WritesNothingBehindItsOutput) {
  const Array x = random_array(50'000, 9);
  for (const std::size_t k : {3, 11, 700}) {
    std::vector<std::uint32_t> indices(k + 8, 77), scratch(x.size() + kTopKSlack);
    std::vector<float> values(k + 8, 77);
    top_k(x.view(), scratch, std::span(indices).first(k), {values.data(), k, {}});
    for (std::size_t i = k; i < k + 8; ++i) {
      EXPECT_EQ(indices[i], 77u);
      EXPECT_EQ(values[i], 77);
    }
  }
}

}  // namespace
}  // namespace kith::kernels
