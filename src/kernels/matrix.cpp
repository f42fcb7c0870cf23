#include "kernels/matrix.h"

#include "kernels/device.h"

namespace kith::kernels {

namespace generic {
decltype(kernels::times) times;
decltype(kernels::transposed_times) transposed_times;
decltype(kernels::add_outer) add_outer;
}  // namespace generic
namespace v3 {
decltype(kernels::times) times;
decltype(kernels::transposed_times) transposed_times;
decltype(kernels::add_outer) add_outer;
}  // namespace v3

void times(ConstArrayView matrix, Shape shape, ConstArrayView v, ArrayView out) {
  at(out.device, &DeviceKernels::times, generic::times, v3::times)(matrix, shape, v, out);
}

void transposed_times(ConstArrayView matrix, Shape shape, ConstArrayView v, ArrayView out) {
  at(out.device, &DeviceKernels::transposed_times, generic::transposed_times, v3::transposed_times)(
      matrix, shape, v, out);
}

void add_outer(ConstArrayView p, ConstArrayView q, std::size_t rank, Shape shape, float scale,
               ArrayView out) {
  at(out.device, &DeviceKernels::add_outer, generic::add_outer, v3::add_outer)(p, q, rank, shape,
                                                                               scale, out);
}

}  // namespace kith::kernels
