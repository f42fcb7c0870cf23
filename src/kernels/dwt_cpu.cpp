#include "core/inline.h"
#include "kernels/dwt.h"

namespace kith::kernels::KITH_LEVEL {
namespace {

constexpr std::size_t kBlock = 512;  // coefficients of each kind at a time
constexpr std::size_t kMostHalf = kMostTaps / 2;

/// The part of a signal that a block of coefficients depends on, its even and its odd elements
/// apart: even[k] = x[2 (first + k)], odd[k] = x[2 (first + k) + 1].
template <class Real>
struct Apart {
  Real even[kBlock + kMostHalf];
  Real odd[kBlock + kMostHalf];

  KITH_INLINE void load(const Real* x, std::size_t size, std::ptrdiff_t first, std::size_t count) {
    const std::ptrdiff_t begin = 2 * first;
    if (begin >= 0 && static_cast<std::size_t>(begin) + 2 * count <= size) {
      const Real* const in = x + begin;
      for (std::size_t k = 0; k < count; ++k) {
        even[k] = in[2 * k];
        odd[k] = in[2 * k + 1];
      }
      return;
    }
    for (std::size_t k = 0; k < count; ++k) {
      const std::ptrdiff_t i = begin + static_cast<std::ptrdiff_t>(2 * k);
      even[k] = mirrored(x, size, i);
      odd[k] = mirrored(x, size, i + 1);
    }
  }
};

/// With half = taps / 2 known, the sums over the taps stay in registers.
template <std::size_t half, class Real>
void forward(const WaveletFilter<Real>& filter, std::span<const Real> x,
             std::span<Real> approximation, std::span<Real> detail) {
  Real low[2 * half], high[2 * half];
  for (std::size_t k = 0; k < 2 * half; ++k) {
    low[k] = filter.lowpass[k];
    high[k] = k % 2 == 0 ? -filter.lowpass[2 * half - 1 - k] : filter.lowpass[2 * half - 1 - k];
  }
  Apart<Real> signal;
  const std::size_t size = detail.size();
  for (std::size_t begin = 0; begin < size; begin += kBlock) {
    const std::size_t count = size - begin < kBlock ? size - begin : kBlock;
    signal.load(x.data(), x.size(), static_cast<std::ptrdiff_t>(begin) - std::ptrdiff_t{half - 1},
                count + half - 1);
    Real* __restrict const a = approximation.data() + begin;
    Real* __restrict const d = detail.data() + begin;
    for (std::size_t i = 0; i < count; ++i) {
      // j = 2m is an odd element, j = 2m + 1 an even one.
      const Real* const odd = signal.odd + i + half - 1;
      const Real* const even = signal.even + i + half - 1;
      Real low_sum = low[0] * odd[0], high_sum = high[0] * odd[0];
      low_sum = low_sum + low[1] * even[0];
      high_sum = high_sum + high[1] * even[0];
      for (std::size_t m = 1; m < half; ++m) {
        low_sum = low_sum + low[2 * m] * *(odd - m);
        high_sum = high_sum + high[2 * m] * *(odd - m);
        low_sum = low_sum + low[2 * m + 1] * *(even - m);
        high_sum = high_sum + high[2 * m + 1] * *(even - m);
      }
      a[i] = low_sum;
      d[i] = high_sum;
    }
  }
}

template <std::size_t half, class Real>
void inverse(const WaveletFilter<Real>& filter, std::span<const Real> approximation,
             std::span<const Real> detail, std::span<Real> out) {
  Real low[2 * half], high[2 * half];
  for (std::size_t k = 0; k < 2 * half; ++k) {
    low[k] = filter.lowpass[2 * half - 1 - k];
    high[k] = k % 2 == 0 ? filter.lowpass[k] : -filter.lowpass[k];
  }
  Real even[kBlock], odd[kBlock];
  const std::size_t pairs = (out.size() + 1) / 2;
  for (std::size_t begin = 0; begin < pairs; begin += kBlock) {
    const std::size_t count = pairs - begin < kBlock ? pairs - begin : kBlock;
    const Real* const a = approximation.data() + begin + half - 1;
    const Real* const d = detail.data() + begin + half - 1;
    for (std::size_t i = 0; i < count; ++i) {
      Real even_sum = low[0] * a[i], odd_sum = low[1] * a[i];
      for (std::size_t m = 1; m < half; ++m) {
        even_sum = even_sum + low[2 * m] * *(a + i - m);
        odd_sum = odd_sum + low[2 * m + 1] * *(a + i - m);
      }
      for (std::size_t m = 0; m < half; ++m) {
        even_sum = even_sum + high[2 * m] * *(d + i - m);
        odd_sum = odd_sum + high[2 * m + 1] * *(d + i - m);
      }
      even[i] = even_sum;
      odd[i] = odd_sum;
    }
    Real* const to = out.data() + 2 * begin;
    const std::size_t whole = (out.size() - 2 * begin) / 2 < count ? count - 1 : count;
    for (std::size_t i = 0; i < whole; ++i) {
      to[2 * i] = even[i];
      to[2 * i + 1] = odd[i];
    }
    if (whole < count) to[2 * whole] = even[whole];
  }
}

/// action.template operator()<half>() for half = taps / 2.
template <std::size_t half = kMostTaps / 2, class Action>
KITH_INLINE void with_half(std::size_t taps, Action action) {
  if constexpr (half > 1) {
    if (taps < 2 * half) return with_half<half - 1>(taps, action);
  }
  action.template operator()<half>();
}

template <class Real>
KITH_INLINE void any_forward(const WaveletFilter<Real>& filter, std::span<const Real> x,
                             std::span<Real> approximation, std::span<Real> detail) {
  with_half(filter.taps,
            [&]<std::size_t half>() { forward<half>(filter, x, approximation, detail); });
}

template <class Real>
KITH_INLINE void any_inverse(const WaveletFilter<Real>& filter, std::span<const Real> approximation,
                             std::span<const Real> detail, std::span<Real> out) {
  with_half(filter.taps,
            [&]<std::size_t half>() { inverse<half>(filter, approximation, detail, out); });
}

}  // namespace

void dwt(const WaveletFilter<float>& filter, std::span<const float> x,
         std::span<float> approximation, std::span<float> detail) {
  any_forward(filter, x, approximation, detail);
}

void dwt(const WaveletFilter<double>& filter, std::span<const double> x,
         std::span<double> approximation, std::span<double> detail) {
  any_forward(filter, x, approximation, detail);
}

void inverse_dwt(const WaveletFilter<float>& filter, std::span<const float> approximation,
                 std::span<const float> detail, std::span<float> out) {
  any_inverse(filter, approximation, detail, out);
}

void inverse_dwt(const WaveletFilter<double>& filter, std::span<const double> approximation,
                 std::span<const double> detail, std::span<double> out) {
  any_inverse(filter, approximation, detail, out);
}

}  // namespace kith::kernels::KITH_LEVEL
