#include "kernels/norms.h"

#include <cmath>
#include <limits>

#include "kernels/every_level.h"

namespace kith::kernels {
namespace {

class Norms : public EveryLevel {};
INSTANTIATE_TEST_SUITE_P(Level, Norms, supported_levels(), level_name);

/// The order of the header, spelled out.
template <class Term>
double in_blocks(std::size_t size, Term term) {
  double sum = 0;
  for (std::size_t begin = 0; begin < size; begin += 4096) {
    double lanes[32] = {};
    for (std::size_t i = begin; i < std::min(size, begin + 4096); ++i) lanes[i % 32] += term(i);
    for (int apart : {16, 8, 4, 2, 1}) {
      for (int k = 0; k < apart; ++k) lanes[k] += lanes[k + apart];
    }
    sum += lanes[0];
  }
  return sum;
}

TEST_P(Norms, AddInTheOrderThatIsPromised) {
  for (const std::size_t size : kSizes) {
    const Array a = random_array(size, 1), b = random_array(size, 2);
    EXPECT_EQ(absolute_sum(a.view()),
              in_blocks(size, [&](std::size_t i) { return std::abs(double(a[i])); }));
    EXPECT_EQ(dot(a.view(), b.view()),
              in_blocks(size, [&](std::size_t i) { return double(a[i]) * double(b[i]); }));
  }
}

TEST_P(Norms, ExtentIsTheSmallestAndTheLargest) {
  for (const std::size_t size : kSizes) {
    for (const std::size_t offset : kOffsets) {
      const Array all = random_array(size + offset, 3);
      const ConstArrayView x = all.view().part(offset, size);
      const Extent found = extent(x);
      EXPECT_EQ(found.low, size == 0 ? 0 : *std::ranges::min_element(x));
      EXPECT_EQ(found.high, size == 0 ? 0 : *std::ranges::max_element(x));
    }
  }
}

TEST_P(Norms, WhatIsNotFiniteShows) {
  const float inf = std::numeric_limits<float>::infinity();
  for (const float bad : {inf, -inf, std::nanf(""), -std::nanf("")}) {
    for (const std::size_t at : {0, 17, 4097, 4999}) {
      Array x = random_array(5000, 4);
      x[at] = bad;
      EXPECT_FALSE(std::isfinite(absolute_sum(x.view())));
      EXPECT_FALSE(std::isfinite(dot(x.view(), x.view())));
      const Extent found = extent(x.view());
      EXPECT_FALSE(std::isfinite(found.low) && std::isfinite(found.high)) << bad;
    }
  }
}

TEST_P(Norms, ANegativeZeroIsBelowZero) {
  for (const float first : {0.0f, -0.0f}) {
    const float x[2] = {first, -first};
    const Extent found = extent({x, 2, {}});
    EXPECT_TRUE(std::signbit(found.low));
    EXPECT_FALSE(std::signbit(found.high));
  }
}

}  // namespace
}  // namespace kith::kernels
