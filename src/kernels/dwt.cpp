#include "kernels/dwt.h"

#include <cassert>

#include "kernels/device.h"

namespace kith::kernels {

template <class Real>
using Forward = void(const WaveletFilter<Real>&, std::span<const Real>, std::span<Real>,
                     std::span<Real>);
template <class Real>
using Inverse = void(const WaveletFilter<Real>&, std::span<const Real>, std::span<const Real>,
                     std::span<Real>);

namespace generic {
Forward<float> dwt;
Forward<double> dwt;
Inverse<float> inverse_dwt;
Inverse<double> inverse_dwt;
}  // namespace generic
namespace v3 {
Forward<float> dwt;
Forward<double> dwt;
Inverse<float> inverse_dwt;
Inverse<double> inverse_dwt;
}  // namespace v3

namespace {

template <class Real>
void check(const WaveletFilter<Real>& filter, [[maybe_unused]] std::size_t signal,
           [[maybe_unused]] std::size_t coefficients) {
  assert(filter.taps >= 2 && filter.taps % 2 == 0 && filter.taps <= kMostTaps);
  assert(signal > 0 && coefficients == dwt_size(signal, filter.taps));
}

}  // namespace

void dwt(const WaveletFilter<float>& filter, std::span<const float> x,
         std::span<float> approximation, std::span<float> detail) {
  check(filter, x.size(), detail.size());
  at_level<Forward<float>>(generic::dwt, v3::dwt)(filter, x, approximation, detail);
}

void dwt(const WaveletFilter<double>& filter, std::span<const double> x,
         std::span<double> approximation, std::span<double> detail) {
  check(filter, x.size(), detail.size());
  at_level<Forward<double>>(generic::dwt, v3::dwt)(filter, x, approximation, detail);
}

void inverse_dwt(const WaveletFilter<float>& filter, std::span<const float> approximation,
                 std::span<const float> detail, std::span<float> out) {
  check(filter, out.size(), detail.size());
  at_level<Inverse<float>>(generic::inverse_dwt, v3::inverse_dwt)(filter, approximation, detail,
                                                                  out);
}

void inverse_dwt(const WaveletFilter<double>& filter, std::span<const double> approximation,
                 std::span<const double> detail, std::span<double> out) {
  check(filter, out.size(), detail.size());
  at_level<Inverse<double>>(generic::inverse_dwt, v3::inverse_dwt)(filter, approximation, detail,
                                                                   out);
}

void dwt_of(const WaveletFilter<float>& filter, ConstArrayView x, ArrayView approximation,
            ArrayView detail) {
  check(filter, x.size, detail.size);
  if (!x.device.is_cpu()) return device_kernels().dwt(filter, x, approximation, detail);
  dwt(filter, {x.data, x.size}, {approximation.data, approximation.size},
      {detail.data, detail.size});
}

void inverse_dwt_of(const WaveletFilter<float>& filter, ConstArrayView approximation,
                    ConstArrayView detail, ArrayView out) {
  check(filter, out.size, detail.size);
  if (!out.device.is_cpu()) {
    return device_kernels().inverse_dwt(filter, approximation, detail, out);
  }
  inverse_dwt(filter, {approximation.data, approximation.size}, {detail.data, detail.size},
              {out.data, out.size});
}

}  // namespace kith::kernels
