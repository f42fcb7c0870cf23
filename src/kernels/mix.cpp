#include "kernels/mix.h"

#include "kernels/device.h"

namespace kith::kernels {

namespace generic {
decltype(kernels::mix) mix;
}
namespace v3 {
decltype(kernels::mix) mix;
}

void mix(float self_weight, ConstArrayView x, std::span<const Term> terms, ArrayView out) {
  at(out.device, &DeviceKernels::mix, generic::mix, v3::mix)(self_weight, x, terms, out);
}

}  // namespace kith::kernels
