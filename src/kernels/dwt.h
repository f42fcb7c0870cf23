#pragma once

#include <cstddef>
#include <span>

#include "core/array.h"
#include "kernels/arithmetic.h"

/// One level of the discrete wavelet transform, in float32 or float64, as PyWavelets has it by
/// default: the signal goes on mirrored at both ends (… x1 x0 | x0 x1 …, half-sample symmetric).
namespace kith::kernels {

inline constexpr std::size_t kMostTaps = 16;

/// The low-pass filter of an orthogonal wavelet, as it is convolved with the signal. The other
/// three filters follow from it: highpass[k] = −(−1)^k lowpass[taps − 1 − k], and for synthesis
/// both in reverse.
template <class Real>
struct WaveletFilter {
  std::size_t taps = 0;  ///< even, at most kMostTaps
  Real lowpass[kMostTaps] = {};
};

/// Coefficients of each kind that a signal of `size` has: ⌊(size + taps − 1) / 2⌋.
constexpr std::size_t dwt_size(std::size_t size, std::size_t taps) { return (size + taps - 1) / 2; }

/// approximation[i] = Σ_j lowpass[j] x[2i + 1 − j] and detail[i] = Σ_j highpass[j] x[2i + 1 − j],
/// summed in the order of j, each product and sum rounded once. Both have dwt_size elements, x at
/// least one; they overlap nothing.
void dwt(const WaveletFilter<float>& filter, std::span<const float> x,
         std::span<float> approximation, std::span<float> detail);
void dwt(const WaveletFilter<double>& filter, std::span<const double> x,
         std::span<double> approximation, std::span<double> detail);

/// The signal that has these coefficients, of out.size() elements: 2 · size − taps + 2, or one
/// less, where `size` is that of both. Sums go over the lowpass and then the highpass filter.
void inverse_dwt(const WaveletFilter<float>& filter, std::span<const float> approximation,
                 std::span<const float> detail, std::span<float> out);
void inverse_dwt(const WaveletFilter<double>& filter, std::span<const double> approximation,
                 std::span<const double> detail, std::span<double> out);

/// The same on views, wherever they lie; those of doubles are the host's.
void dwt_of(const WaveletFilter<float>& filter, ConstArrayView x, ArrayView approximation,
            ArrayView detail);
void inverse_dwt_of(const WaveletFilter<float>& filter, ConstArrayView approximation,
                    ConstArrayView detail, ArrayView out);
inline void dwt_of(const WaveletFilter<double>& filter, BasicArrayView<const double> x,
                   BasicArrayView<double> approximation, BasicArrayView<double> detail) {
  dwt(filter, {x.data, x.size}, {approximation.data, approximation.size},
      {detail.data, detail.size});
}
inline void inverse_dwt_of(const WaveletFilter<double>& filter,
                           BasicArrayView<const double> approximation,
                           BasicArrayView<const double> detail, BasicArrayView<double> out) {
  inverse_dwt(filter, {approximation.data, approximation.size}, {detail.data, detail.size},
              {out.data, out.size});
}

/// Element `i` of the mirrored signal.
template <class Real>
KITH_INLINE Real mirrored(const Real* x, std::size_t size, std::ptrdiff_t i) {
  const auto period = static_cast<std::ptrdiff_t>(2 * size);
  i %= period;
  if (i < 0) i += period;
  return x[static_cast<std::size_t>(i) < size ? i : period - 1 - i];
}

}  // namespace kith::kernels
