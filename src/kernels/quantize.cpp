#include "kernels/quantize.h"

#include "kernels/device.h"

namespace kith::kernels {

using Nearest = void(const UniformNearest&, ConstArrayView, std::uint8_t*);
using MinMax = void(const MinMaxUint8&, ConstArrayView, std::uint8_t*);
using Stochastic = void(const UniformStochastic&, ConstArrayView, const Stream&, std::size_t,
                        std::uint8_t*);
using Qsgd = void(const QsgdRule&, ConstArrayView, const Stream&, std::size_t, std::uint8_t*);

namespace generic {
Nearest quantize;
MinMax quantize;
Stochastic quantize;
Qsgd quantize;
decltype(kernels::dequantize) dequantize;
decltype(kernels::add_dequantized) add_dequantized;
decltype(kernels::largest_code) largest_code;
}  // namespace generic
namespace v3 {
Nearest quantize;
MinMax quantize;
Stochastic quantize;
Qsgd quantize;
decltype(kernels::dequantize) dequantize;
decltype(kernels::add_dequantized) add_dequantized;
decltype(kernels::largest_code) largest_code;
}  // namespace v3

void quantize(const UniformNearest& rule, ConstArrayView x, std::uint8_t* codes) {
  at<Nearest>(x.device, &DeviceKernels::quantize_nearest, generic::quantize, v3::quantize)(rule, x,
                                                                                           codes);
}

void quantize(const MinMaxUint8& rule, ConstArrayView x, std::uint8_t* codes) {
  at<MinMax>(x.device, &DeviceKernels::quantize_minmax, generic::quantize, v3::quantize)(rule, x,
                                                                                         codes);
}

void quantize(const UniformStochastic& rule, ConstArrayView x, const Stream& stream,
              std::size_t first, std::uint8_t* codes) {
  at<Stochastic>(x.device, &DeviceKernels::quantize_stochastic, generic::quantize, v3::quantize)(
      rule, x, stream, first, codes);
}

void quantize(const QsgdRule& rule, ConstArrayView x, const Stream& stream, std::size_t first,
              std::uint8_t* codes) {
  at<Qsgd>(x.device, &DeviceKernels::quantize_qsgd, generic::quantize, v3::quantize)(
      rule, x, stream, first, codes);
}

void dequantize(const Grid& grid, const std::uint8_t* codes, ArrayView out) {
  at(out.device, &DeviceKernels::dequantize, generic::dequantize, v3::dequantize)(grid, codes, out);
}

void add_dequantized(const Grid& grid, const std::uint8_t* codes, float scale, ArrayView out) {
  at(out.device, &DeviceKernels::add_dequantized, generic::add_dequantized, v3::add_dequantized)(
      grid, codes, scale, out);
}

std::uint8_t largest_code(std::span<const std::uint8_t> codes, const Device& device) {
  return at(device, &DeviceKernels::largest_code, generic::largest_code, v3::largest_code)(codes,
                                                                                           device);
}

}  // namespace kith::kernels
