#include "kernels/exact_mean.h"

#include <cmath>
#include <limits>

#include "kernels/every_level.h"

namespace kith::kernels {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

class ExactMean : public EveryLevel {};
INSTANTIATE_TEST_SUITE_P(Level, ExactMean, supported_levels(), level_name);

/// Vectors of magnitudes that a plain sum in float64 would round differently in another order.
std::vector<Array> uneven_vectors(std::size_t count, std::size_t size) {
  std::vector<Array> vectors;
  for (std::size_t v = 0; v < count; ++v) {
    vectors.push_back(random_array(size, 100 + v));
    for (std::size_t i = 0; i < size; ++i) {
      vectors.back()[i] *= static_cast<float>(std::exp2(double((7 * v + i) % 23) - 15));
    }
  }
  return vectors;
}

std::vector<ConstArrayView> views_of(const std::vector<Array>& vectors) {
  std::vector<ConstArrayView> views;
  for (const Array& x : vectors) views.push_back(x.view());
  return views;
}

std::vector<float> magnitudes_of(const Slice& x) {
  std::vector<float> largest(x.blocks());
  block_magnitudes(x, largest);
  return largest;
}

/// The sums of some vectors where `n` there are with magnitudes of at most `largest`.
std::vector<double> sums_of(const Slice& x, const std::vector<float>& largest, std::int64_t n) {
  std::vector<double> sums(2 * kExactBlock * x.blocks(), kNan);
  exact_sums(x, largest, n, sums.data());
  return sums;
}

std::vector<double> mean_of(const Slice& x) {
  const auto n = std::ssize(x.vectors);
  std::vector<double> mean(x.size);
  mean_of_sums(sums_of(x, magnitudes_of(x), n).data(), static_cast<double>(n), x.size, mean.data(),
               nullptr);
  return mean;
}

TEST(ExactSumBins, AreThosePowersOfTwoThatTheLogarithmsSay) {
  for (const float largest :
       {1.0f, 0.999f, 1.001f, 3e38f, 1e-30f, std::numeric_limits<float>::min(),
        std::numeric_limits<float>::denorm_min(), 7 * std::numeric_limits<float>::denorm_min()}) {
    for (const std::int64_t n : {std::int64_t{1}, std::int64_t{2}, std::int64_t{1023},
                                 std::int64_t{1024}, std::int64_t{1} << 40}) {
      const int exponent = std::ilogb(largest) + 1;
      const int room = 2 + std::ilogb(static_cast<double>(n));
      const SumBins bins = exact_sum_bins(largest, n);
      EXPECT_EQ(bins.coarse, std::ldexp(1.5, exponent + room)) << largest << " " << n;
      EXPECT_EQ(bins.fine, std::ldexp(1.5, exponent + 2 * room - 53)) << largest << " " << n;
    }
  }
}

TEST_P(ExactMean, MagnitudesAreTheLargestOfABlockInAnyVectorAndBefore) {
  for (const std::size_t size : {0, 1, 31, 4095, 4096, 4097, 9'000}) {
    std::vector<Array> vectors;
    for (std::size_t v = 0; v < 5; ++v) vectors.push_back(random_array(size + 3, v));
    const auto views = views_of(vectors);
    const Slice all{views, 3, size};
    std::vector<float> want(all.blocks(), 0.5f);
    for (const Array& x : vectors) {
      for (std::size_t i = 0; i < size; ++i) {
        float& of_block = want[i / kExactBlock];
        of_block = std::max(of_block, std::abs(x[3 + i]));
      }
    }
    std::vector<float> got(all.blocks(), 0.5f);
    block_magnitudes(all, got);
    EXPECT_EQ(got, want) << size;
    if (size == 0) continue;
    for (float& of_block : want) of_block = 7;
    got = want;
    block_magnitudes(all, got);
    EXPECT_EQ(got, want) << size;
    vectors[4][size + 2] = -kNan;
    block_magnitudes(all, got);
    EXPECT_TRUE(std::isnan(got.back())) << size;
  }
}

TEST_P(ExactMean, ASumOfVectorsIsTheSameBitsInAnyOrderAndGrouping) {
  constexpr std::size_t kVectors = 37;
  for (const std::size_t size : {67, 4096, 5'001}) {
    const auto vectors = uneven_vectors(kVectors, size);
    const auto views = views_of(vectors);
    const auto largest = magnitudes_of({views, 0, size});
    const std::vector<double> all = sums_of({views, 0, size}, largest, kVectors);
    for (const std::size_t step : {2, 5, 36}) {
      std::vector<ConstArrayView> shuffled;
      for (std::size_t v = 0; v < kVectors; ++v) shuffled.push_back(views[v * step % kVectors]);
      EXPECT_EQ(sums_of({shuffled, 0, size}, largest, kVectors), all);
    }
    const std::span<const ConstArrayView> both(views);
    std::vector<double> halves = sums_of({both.first(11), 0, size}, largest, kVectors);
    const auto other = sums_of({both.subspan(11), 0, size}, largest, kVectors);
    for (std::size_t i = 0; i < halves.size(); ++i) halves[i] += other[i];
    EXPECT_EQ(halves, all);
  }
}

TEST_P(ExactMean, IsTheMeanAndTheSameRounded) {
  constexpr std::size_t kVectors = 37, kSize = 4'200;
  const auto vectors = uneven_vectors(kVectors, kSize);
  const auto views = views_of(vectors);
  const Slice all{views, 0, kSize};
  const auto largest = magnitudes_of(all);
  std::vector<double> mean(kSize);
  std::vector<float> rounded(kSize);
  mean_of_sums(sums_of(all, largest, kVectors).data(), kVectors, kSize, mean.data(),
               rounded.data());
  for (std::size_t i = 0; i < kSize; ++i) {
    long double exact = 0;
    for (const Array& vector : vectors) exact += vector[i];
    EXPECT_NEAR(mean[i], static_cast<double>(exact / kVectors), 1e-15 * double(largest[0]));
    EXPECT_EQ(rounded[i], static_cast<float>(mean[i]));
  }
}

TEST_P(ExactMean, OfEqualVectorsIsTheVector) {
  const Array x = random_array(50, 1);
  for (const std::size_t n : {1, 2, 3, 7, 1024, 100'000}) {
    const std::vector<ConstArrayView> views(n, x.view());
    const auto mean = mean_of({views, 0, 50});
    for (std::size_t i = 0; i < 50; ++i) EXPECT_EQ(mean[i], double(x[i])) << n;
  }
}

TEST_P(ExactMean, OfZerosIsZeroAndSoAreSumsBehindTheLastCoordinate) {
  std::vector<Array> vectors = uneven_vectors(3, kExactBlock + 5);
  for (Array& x : vectors) std::fill_n(x.data(), kExactBlock, -0.0f);
  const auto views = views_of(vectors);
  const Slice all{views, 0, kExactBlock + 5};
  const auto sums = sums_of(all, magnitudes_of(all), 3);
  const std::vector<double> zeros(2 * kExactBlock);
  EXPECT_TRUE(std::equal(zeros.begin(), zeros.end(), sums.begin()));
  EXPECT_NE(sums[2 * kExactBlock + 4], 0);
  for (std::size_t i = 5; i < kExactBlock; ++i) {
    ASSERT_EQ(sums[2 * kExactBlock + i], 0) << i;
    ASSERT_EQ(sums[3 * kExactBlock + i], 0) << i;
  }
}

TEST_P(ExactMean, DistancesAddInTheirDocumentedOrder) {
  const Array a = random_array(10'010, 1), b = random_array(10'010, 2), c = random_array(10'010, 3);
  const std::vector<ConstArrayView> views{a.view(), b.view()};
  for (const std::size_t size : {0, 1, 31, 32, 33, 4096, 10'003}) {
    for (const std::size_t offset : kOffsets) {
      const Slice both{views, offset, size};
      const std::vector<double> mean(c.data(), c.data() + size);
      std::vector<double> got(2 * both.blocks());
      squared_distances(both, mean.data(), got);
      for (std::size_t block = 0; block < both.blocks(); ++block) {
        const std::size_t begin = block * kExactBlock;
        const std::size_t end = std::min(size, begin + kExactBlock);
        for (std::size_t v = 0; v < 2; ++v) {
          double lane[8] = {};
          for (std::size_t i = begin; i < end; ++i) {
            const double difference = views[v].data[offset + i] - mean[i];
            lane[(i - begin) % 8] += difference * difference;
          }
          for (const std::size_t half : {4, 2, 1}) {
            for (std::size_t k = 0; k < half; ++k) lane[k] += lane[k + half];
          }
          EXPECT_EQ(got[2 * block + v], lane[0]) << size << " at " << offset;
        }
      }
    }
  }
}

}  // namespace
}  // namespace kith::kernels
