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

TEST_P(VectorOps, ASumOfVectorsIsTheSameBitsInAnyOrderAndGrouping) {
  constexpr std::size_t kSize = 67, kVectors = 37;
  std::vector<Array> vectors;
  float largest = 0;
  for (std::size_t v = 0; v < kVectors; ++v) {
    vectors.push_back(random_array(kSize, 100 + v));
    // Magnitudes that a plain sum in float64 would round differently in another order.
    for (std::size_t i = 0; i < kSize; ++i) {
      vectors.back()[i] *= static_cast<float>(std::exp2(double((7 * v + i) % 23) - 15));
    }
    largest = std::max(largest, max_abs(vectors.back().view()));
  }
  const SumBins bins = exact_sum_bins(largest, kVectors);
  const auto sum = [&](std::size_t from, std::size_t to, std::size_t step) {
    std::vector<double> sums(2 * kSize);
    for (std::size_t v = from; v < to; ++v) {
      add_to_sums(vectors[v * step % kVectors].view(), bins.coarse, bins.fine, sums.data(),
                  sums.data() + kSize);
    }
    return sums;
  };
  const std::vector<double> all = sum(0, kVectors, 1);
  for (const std::size_t step : {2, 5, 36}) EXPECT_EQ(sum(0, kVectors, step), all);
  std::vector<double> halves = sum(0, 11, 1);
  const std::vector<double> other = sum(11, kVectors, 1);
  for (std::size_t i = 0; i < halves.size(); ++i) halves[i] += other[i];
  EXPECT_EQ(halves, all);

  std::vector<double> mean(kSize);
  mean_of_sums(all.data(), all.data() + kSize, kVectors, mean.data(), kSize);
  for (std::size_t i = 0; i < kSize; ++i) {
    long double exact = 0;
    for (const Array& vector : vectors) exact += vector[i];
    EXPECT_NEAR(mean[i], static_cast<double>(exact / kVectors), 1e-15 * double(largest));
  }
}

TEST_P(VectorOps, TheMeanOfEqualVectorsIsTheVector) {
  for (const std::int64_t n : {1, 2, 3, 7, 1024, 100'000}) {
    const SumBins bins = exact_sum_bins(max_abs(a_.view().part(0, 50)), n);
    std::vector<double> coarse(50), fine(50), mean(50);
    for (std::int64_t i = 0; i < n; ++i) {
      add_to_sums(a_.view().part(0, 50), bins.coarse, bins.fine, coarse.data(), fine.data());
    }
    mean_of_sums(coarse.data(), fine.data(), static_cast<double>(n), mean.data(), 50);
    for (std::size_t i = 0; i < 50; ++i) EXPECT_EQ(mean[i], double(a_[i])) << n;
  }
}

TEST_P(VectorOps, SquaredDistanceAddsInItsDocumentedOrder) {
  for (const std::size_t size : kSizes) {
    for (const std::size_t offset : kOffsets) {
      const ConstArrayView x = a_.view().part(offset, size);
      const std::vector<double> mean(b_.data(), b_.data() + size);
      double lane[8] = {};
      for (std::size_t i = 0; i < size; ++i) {
        const double difference = x.data[i] - mean[i];
        lane[i % 8] += difference * difference;
      }
      for (const std::size_t half : {4, 2, 1}) {
        for (std::size_t k = 0; k < half; ++k) lane[k] += lane[k + half];
      }
      EXPECT_EQ(squared_distance(x, mean.data()), lane[0]) << size << " at " << offset;
    }
  }
}

}  // namespace
}  // namespace kith::kernels
