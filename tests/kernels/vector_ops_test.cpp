#include "kernels/vector_ops.h"

#include <cmath>
#include <limits>
#include <utility>

#include "kernels/every_level.h"

namespace kith::kernels {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

class VectorOps : public EveryLevel {
 protected:
  const Array a_ = random_array(1'000'003 + 10, 1);
  const Array b_ = random_array(1'000'003 + 10, 2);
};
INSTANTIATE_TEST_SUITE_P(Level, VectorOps, supported_levels(), level_name);

TEST_P(VectorOps, RoundOnceAnOperation) {
  for (const std::size_t size : kSizes) {
    for (const std::size_t offset : kOffsets) {
      const ConstArrayView a = a_.view().part(offset, size);
      const ConstArrayView b = b_.view().part(0, size);
      Array difference(size), sum(size), expected_difference(size), expected_sum(size);
      Array weighted(size), expected_weighted(size);
      for (std::size_t i = 0; i < size; ++i) {
        expected_difference[i] = a.data[i] - b.data[i];
        expected_sum[i] = a.data[i] + 0.3f * b.data[i];
        expected_weighted[i] = 0.9f * a.data[i] + 0.3f * b.data[i];
      }
      subtract(a, b, difference.view());
      add_scaled(a, 0.3f, b, sum.view());
      weighted_sum(0.9f, a, 0.3f, b, weighted.view());
      EXPECT_TRUE(same_bits(difference.view(), expected_difference.view())) << size;
      EXPECT_TRUE(same_bits(sum.view(), expected_sum.view())) << size;
      EXPECT_TRUE(same_bits(weighted.view(), expected_weighted.view())) << size;
      for (float& element : expected_weighted.view()) element = float(double(element) / 1.7);
      divide(weighted.view(), 1.7);
      EXPECT_TRUE(same_bits(weighted.view(), expected_weighted.view())) << size;
    }
  }
}

TEST_P(VectorOps, MayWriteOverEitherOperand) {
  Array expected(1000), x = copy_of(a_.view().part(0, 1000)), y = copy_of(b_.view().part(0, 1000));
  subtract(x.view(), y.view(), expected.view());
  subtract(x.view(), y.view(), y.view());
  EXPECT_TRUE(same_bits(y.view(), expected.view()));
  add_scaled(x.view(), -2, y.view(), expected.view());
  add_scaled(x.view(), -2, y.view(), x.view());
  EXPECT_TRUE(same_bits(x.view(), expected.view()));
  weighted_sum(3, x.view(), -2, y.view(), expected.view());
  weighted_sum(3, x.view(), -2, y.view(), y.view());
  EXPECT_TRUE(same_bits(y.view(), expected.view()));
}

TEST_P(VectorOps, AllFiniteFindsASingleNanOrInfinityAnywhere) {
  for (std::size_t size = 1; size <= 70; ++size) {
    Array x = random_array(size, 3);
    EXPECT_TRUE(all_finite(x.view()));
    for (std::size_t i = 0; i < size; ++i) {
      for (const float bad : {kNan, -kNan, kInfinity, -kInfinity}) {
        const float good = std::exchange(x[i], bad);
        EXPECT_FALSE(all_finite(x.view())) << bad << " at " << i << " of " << size;
        x[i] = good;
      }
    }
  }
}

TEST_P(VectorOps, AllFiniteAcceptsTheLargestAndTheSmallestNumbers) {
  Array x(5);
  x[1] = -std::numeric_limits<float>::max();
  x[2] = std::numeric_limits<float>::max();
  x[3] = -std::numeric_limits<float>::denorm_min();
  x[4] = -0.0f;
  EXPECT_TRUE(all_finite(x.view()));
  EXPECT_TRUE(all_finite({}));
}

TEST_P(VectorOps, MaxAbsIsTheLargestMagnitude) {
  EXPECT_EQ(max_abs({}), 0);
  for (std::size_t size = 1; size <= 70; ++size) {
    Array x = random_array(size, 4);
    x[size / 2] = -1.5f;
    EXPECT_EQ(max_abs(x.view()), 1.5f);
    x[size - 1] = kNan;
    EXPECT_TRUE(std::isnan(max_abs(x.view())));
  }
}

}  // namespace
}  // namespace kith::kernels
