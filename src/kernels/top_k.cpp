#include "kernels/top_k.h"

#include <cassert>

#include "kernels/device.h"

namespace kith::kernels {

namespace generic {
decltype(kernels::top_k) top_k;
}
namespace v3 {
decltype(kernels::top_k) top_k;
}

void top_k(ConstArrayView x, std::span<std::uint32_t> scratch, std::span<std::uint32_t> indices,
           ArrayView values) {
  assert(!x.device.is_cpu() || scratch.size() >= x.size + kTopKSlack);
  assert(indices.size() <= x.size && values.size == indices.size());
  at(x.device, &DeviceKernels::top_k, generic::top_k, v3::top_k)(x, scratch, indices, values);
}

}  // namespace kith::kernels
