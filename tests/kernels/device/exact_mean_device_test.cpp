#include <cmath>
#include <limits>

#include "kernels/device/on_device.h"
#include "kernels/exact_mean.h"

namespace kith::kernels {
namespace {

using ExactMeanOnDevice = OnDevice;

/// Some vectors of the host, and the same on the device, `offset` elements behind aligned places.
struct Both {
  Both(std::vector<Array> vectors, std::size_t offset) : here(std::move(vectors)) {
    for (const Array& x : here) {
      there.push_back(held(x.view(), offset));
      here_views.push_back(x.view());
      there_views.push_back(there.back().view());
    }
  }

  std::vector<Array> here;
  std::vector<Floats> there;
  std::vector<ConstArrayView> here_views, there_views;
};

std::vector<Array> vectors_of(std::size_t count, std::size_t size) {
  std::vector<Array> vectors;
  for (std::size_t v = 0; v < count; ++v) {
    vectors.push_back(random_array(size, v));
    for (std::size_t i = 0; i < size; ++i) {
      const int exponent = static_cast<int>((5 * v + i) % 61) - 30;
      vectors[v][i] = i / kExactBlock % 3 == 1 ? 0 : std::ldexp(vectors[v][i], exponent);
    }
  }
  return vectors;
}

/// All that there is to know of a slice is the same bits here and there.
void expect_the_same(const Both& both, std::size_t first, std::size_t size, const Device& device) {
  SCOPED_TRACE(std::to_string(both.here.size()) + " vectors, " + std::to_string(size) +
               " coordinates from " + std::to_string(first));
  const Slice here{both.here_views, first, size}, there{both.there_views, first, size};
  const std::size_t blocks = here.blocks(), vectors = both.here.size();
  const auto n = static_cast<std::int64_t>(vectors);
  std::vector<float> largest(blocks, 1e-3f), largest_there(blocks, 1e-3f);
  block_magnitudes(here, largest);
  block_magnitudes(there, largest_there);
  EXPECT_TRUE(same(largest_there, largest));

  std::vector<double> sums(2 * kExactBlock * blocks), mean(size), distances(vectors * blocks);
  std::vector<float> rounded(size);
  Held<double> sums_there(sums.size()), mean_there(size);
  Floats rounded_there(size);
  exact_sums(here, largest, n, sums.data());
  exact_sums(there, largest, n, sums_there.data());
  EXPECT_TRUE(same(sums_there.back(), sums));
  mean_of_sums(sums.data(), double(n), size, mean.data(), rounded.data());
  mean_of_sums(sums_there.data(), double(n), size, mean_there.data(), rounded_there.data(), device);
  EXPECT_TRUE(same(mean_there.back(), mean));
  EXPECT_TRUE(same(rounded_there.back(), rounded));
  mean_of_sums(sums_there.data(), double(n), size, mean_there.data(), nullptr, device);
  EXPECT_TRUE(same(mean_there.back(), mean));

  std::vector<double> distances_there(distances.size());
  squared_distances(here, mean.data(), distances);
  squared_distances(there, mean_there.data(), distances_there);
  EXPECT_TRUE(same(distances_there, distances));
}

TEST_F(ExactMeanOnDevice, IsThatOfTheProcessor) {
  for (const std::size_t offset : kOffsets) {
    const Both both(vectors_of(3, 20'000), offset);
    for (const std::size_t size : {0, 1, 31, 33, 4'095, 4'096, 4'097, 8'192, 17'003}) {
      expect_the_same(both, 0, size, device());
      expect_the_same(both, 4'096 + 7, std::min<std::size_t>(size, 15'000), device());
    }
  }
}

TEST_F(ExactMeanOnDevice, IsThatOfTheProcessorForMoreVectorsThanALaunchCarries) {
  for (const std::size_t vectors : {1, 256, 257, 600}) {
    expect_the_same(Both(vectors_of(vectors, 5'001), 0), 0, 5'001, device());
  }
}

TEST_F(ExactMeanOnDevice, IsThatOfTheProcessorForMoreBlocksThanALaunchCarries) {
  for (const std::size_t size : {256 * 4'096, 256 * 4'096 + 1, 300 * 4'096 - 5}) {
    expect_the_same(Both(vectors_of(2, size), 1), 0, size, device());
  }
}

TEST_F(ExactMeanOnDevice, IsZeroForZeros) {
  std::vector<Array> zeros;
  for (int v = 0; v < 3; ++v) zeros.emplace_back(9'000);
  zeros[1][4] = -0.0f;
  const Both both(std::move(zeros), 0);
  const Slice there{both.there_views, 0, 9'000};
  std::vector<float> largest(there.blocks());
  block_magnitudes(there, largest);
  EXPECT_TRUE(same(largest, std::vector<float>(3)));
  Held<double> sums(2 * kExactBlock * 3);
  exact_sums(there, largest, 3, sums.data());
  EXPECT_TRUE(same(sums.back(), std::vector<double>(2 * kExactBlock * 3)));
}

TEST_F(ExactMeanOnDevice, MagnitudesSayWhichBlocksAreNotFinite) {
  constexpr float inf = std::numeric_limits<float>::infinity();
  for (const float bad : {inf, -inf, std::nanf("")}) {
    std::vector<Array> vectors = vectors_of(3, 9'000);
    vectors[2][8'999] = bad;
    const Both both(std::move(vectors), 0);
    std::vector<float> largest(3);
    block_magnitudes({both.there_views, 0, 9'000}, largest);
    EXPECT_TRUE(std::isfinite(largest[0]) && std::isfinite(largest[1]));
    EXPECT_TRUE(std::isnan(bad) ? std::isnan(largest[2]) : largest[2] == inf);
    std::vector<float> here(3);
    block_magnitudes({both.here_views, 0, 9'000}, here);
    EXPECT_TRUE(same(largest, here));
  }
}

}  // namespace
}  // namespace kith::kernels
