#include "kernels/dwt.h"

#include <cmath>

#include "kernels/every_level.h"

namespace kith::kernels {
namespace {

class Dwt : public EveryLevel {};
INSTANTIATE_TEST_SUITE_P(Level, Dwt, supported_levels(), level_name);

/// Any numbers: the kernel's sums are those of the definition whatever the filter.
WaveletFilter<float> some_filter(std::size_t taps) {
  WaveletFilter<float> filter{taps, {}};
  for (std::size_t k = 0; k < taps; ++k) filter.lowpass[k] = 0.1f + 0.37f * float(k * k % 5);
  return filter;
}

float highpass(const WaveletFilter<float>& filter, std::size_t k) {
  const float mirrored = filter.lowpass[filter.taps - 1 - k];
  return k % 2 == 0 ? -mirrored : mirrored;
}

/// x at i, beyond its ends in the mirror.
float at(ConstArrayView x, std::ptrdiff_t i) {
  const auto size = static_cast<std::ptrdiff_t>(x.size);
  while (i < 0 || i >= size) i = i < 0 ? -1 - i : 2 * size - 1 - i;
  return x.data[i];
}

TEST_P(Dwt, IsTheConvolutionWithTheMirroredSignal) {
  for (std::size_t taps = 2; taps <= kMostTaps; taps += 2) {
    const WaveletFilter<float> filter = some_filter(taps);
    for (const std::size_t size : {1, 2, 3, 7, 8, 33, 1023, 1024, 1025, 3001}) {
      const Array x = random_array(size, size);
      const std::size_t count = dwt_size(size, taps);
      std::vector<float> low(count), high(count);
      dwt(filter, std::span(x.data(), size), low, high);
      for (std::size_t i = 0; i < count; ++i) {
        float low_sum = 0, high_sum = 0;
        for (std::size_t j = 0; j < taps; ++j) {
          const float element = at(x.view(), std::ptrdiff_t(2 * i + 1) - std::ptrdiff_t(j));
          low_sum = j == 0 ? filter.lowpass[j] * element : low_sum + filter.lowpass[j] * element;
          high_sum =
              j == 0 ? highpass(filter, j) * element : high_sum + highpass(filter, j) * element;
        }
        ASSERT_EQ(low[i], low_sum) << taps << " taps, size " << size << ", coefficient " << i;
        ASSERT_EQ(high[i], high_sum) << taps << " taps, size " << size << ", coefficient " << i;
      }
    }
  }
}

TEST_P(Dwt, TheInverseIsTheConvolutionOfTheUpsampledCoefficients) {
  for (std::size_t taps = 2; taps <= kMostTaps; taps += 2) {
    const WaveletFilter<float> filter = some_filter(taps);
    for (const std::size_t size : {1, 2, 3, 7, 8, 33, 1023, 1024, 1025, 3001}) {
      const std::size_t count = dwt_size(size, taps);
      const Array low = random_array(count, 1), high = random_array(count, 2);
      // Exactly as long as needed: AddressSanitizer sees a number too far.
      std::vector<float> out(size);
      inverse_dwt(filter, std::span(low.data(), count), std::span(high.data(), count), out);
      for (std::size_t t = 0; t < size; ++t) {
        float sum = 0;
        for (const bool is_low : {true, false}) {
          for (std::size_t j = t % 2; j < taps; j += 2) {  // 2k + j = t + taps − 2
            const std::size_t k = (t + taps - 2 - j) / 2;
            const float tap =
                is_low ? filter.lowpass[taps - 1 - j] : highpass(filter, taps - 1 - j);
            sum += tap * (is_low ? low[k] : high[k]);
          }
        }
        ASSERT_EQ(out[t], sum) << taps << " taps, size " << size << ", element " << t;
      }
    }
  }
}

TEST_P(Dwt, InFloat64TheHaarTransformIsExact) {
  const double half = std::sqrt(0.5);
  const WaveletFilter<double> haar{2, {half, half}};
  const std::vector<double> x{1, 3, -2, 4, 5};
  std::vector<double> low(3), high(3), back(5);
  dwt(haar, x, low, high);
  EXPECT_DOUBLE_EQ(low[0], 4 * half);
  EXPECT_DOUBLE_EQ(high[0], -2 * half);
  EXPECT_DOUBLE_EQ(low[2], 10 * half);  // 5 beside its mirror image
  EXPECT_DOUBLE_EQ(high[2], 0);
  inverse_dwt(haar, low, high, back);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_NEAR(back[i], x[i], 1e-15);
}

}  // namespace
}  // namespace kith::kernels
