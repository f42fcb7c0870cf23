#include "compression/wavelet.h"

#include <gtest/gtest.h>

#include <cmath>

#include "compression/compressing.h"

namespace kith {
namespace {

/// 2N taps; N vanishing moments.
std::size_t moments_of(const std::string& name) {
  return name == "haar" ? 1 : std::size_t(name.back() - '0');
}

/// A filter, from what the transform makes of an impulse far from the ends.
std::vector<double> details_of_impulses(const std::string& name) {
  constexpr std::size_t size = 64;
  const Wavelet<double> wavelet(name, 1, size);
  std::vector<double> taps;
  // x[2i + 1 − j] weighs highpass[j] in detail i: take j = 0, 1, … of one i.
  const std::size_t i = 24, details = wavelet.coefficients() / 2;
  for (std::size_t j = 0; j < 2 * moments_of(name); ++j) {
    std::vector<double> x(size), coefficients(wavelet.coefficients());
    x[2 * i + 1 - j] = 1;
    wavelet.forward(x, coefficients);
    taps.push_back(coefficients[details + i]);
  }
  return taps;
}

class EveryWavelet : public ::testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Names, EveryWavelet, ::testing::ValuesIn(wavelet_names()),
                         [](const auto& info) { return info.param; });

// The two conditions that make a wavelet of this length Daubechies'.
TEST_P(EveryWavelet, IsOrthogonalToItsShiftsAndHasAllItsVanishingMoments) {
  const std::vector<double> taps = details_of_impulses(GetParam());
  for (std::size_t shift = 0; shift < taps.size(); shift += 2) {
    double product = 0;
    for (std::size_t k = 0; k + shift < taps.size(); ++k) product += taps[k] * taps[k + shift];
    EXPECT_NEAR(product, shift == 0 ? 1 : 0, 1e-14) << "shift " << shift;
  }
  for (std::size_t moment = 0; moment < moments_of(GetParam()); ++moment) {
    double sum = 0, scale = 0;
    for (std::size_t k = 0; k < taps.size(); ++k) {
      const double weight = std::pow(double(k) - 0.5 * double(taps.size()), double(moment));
      sum += taps[k] * weight;
      scale += std::abs(taps[k] * weight);
    }
    EXPECT_NEAR(sum, 0, 1e-13 * scale) << "moment " << moment;
  }
}

TEST_P(EveryWavelet, ComesBackExactlyForEverySizeAndDepth) {
  for (const std::size_t size : {0, 1, 2, 3, 4, 5, 7, 8, 16, 37, 100, 1025}) {
    for (const int levels : {0, 1, 2, 4, 7}) {
      const Wavelet<double> exact(GetParam(), levels, size);
      const Wavelet<float> single(GetParam(), levels, size);
      const std::vector<float> x = normal_vector(size, size + 1);
      const std::vector<double> wide(x.begin(), x.end());
      std::vector<double> c(exact.coefficients()), back(size);
      std::vector<float> c32(single.coefficients()), back32(size);
      exact.forward(wide, c);
      exact.inverse(c, back);
      single.forward(x, c32);
      single.inverse(c32, back32);
      for (std::size_t i = 0; i < size; ++i) {
        ASSERT_NEAR(back[i], wide[i], 1e-12) << size << " at " << levels << " levels";
        ASSERT_NEAR(back32[i], x[i], 1e-5) << size << " at " << levels << " levels";
      }
    }
  }
}

TEST(Wavelet, OfTheHaarKindKeepsLengthsWhereTheSizeIsAPowerOfTwo) {
  const Wavelet<float> haar("haar", 5, 64);
  const std::vector<float> x = normal_vector(64, 3);
  std::vector<float> coefficients(haar.coefficients());
  ASSERT_EQ(coefficients.size(), 64u);
  haar.forward(x, coefficients);
  EXPECT_NEAR(squared_norm(coefficients), squared_norm(x), 1e-4);
}

TEST(Wavelet, LaysTheApproximationFirstAndTheFinestDetailsLast) {
  const Wavelet<float> haar("haar", 2, 8);
  const std::vector<float> x{1, 1, 1, 1, 2, 2, 0, 2};
  std::vector<float> c(8);
  haar.forward(x, c);
  const float r = std::sqrt(0.5f);
  const std::vector<float> expected{2, 3, 0, 1, 0, 0, 0, -2 * r};
  for (std::size_t i = 0; i < 8; ++i) EXPECT_NEAR(c[i], expected[i], 1e-6) << i;
}

}  // namespace
}  // namespace kith
