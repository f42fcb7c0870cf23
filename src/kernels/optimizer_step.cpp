#include "kernels/optimizer_step.h"

#include "kernels/device.h"

namespace kith::kernels {

namespace generic {
decltype(kernels::sgd_step) sgd_step;
decltype(kernels::momentum_step) momentum_step;
decltype(kernels::adam_step) adam_step;
decltype(kernels::accumulating_adam_step) accumulating_adam_step;
decltype(kernels::adaptive_step) adaptive_step;
}  // namespace generic
namespace v3 {
decltype(kernels::sgd_step) sgd_step;
decltype(kernels::momentum_step) momentum_step;
decltype(kernels::adam_step) adam_step;
decltype(kernels::accumulating_adam_step) accumulating_adam_step;
decltype(kernels::adaptive_step) adaptive_step;
}  // namespace v3

void sgd_step(const SgdStep& step, ConstArrayView x, ConstArrayView g, ArrayView out) {
  at(out.device, &DeviceKernels::sgd_step, generic::sgd_step, v3::sgd_step)(step, x, g, out);
}

void momentum_step(const MomentumStep& step, ConstArrayView x, ConstArrayView g, ArrayView m,
                   ArrayView out) {
  at(out.device, &DeviceKernels::momentum_step, generic::momentum_step, v3::momentum_step)(
      step, x, g, m, out);
}

void adam_step(const AdamStep& step, ConstArrayView x, ConstArrayView g, ArrayView m, ArrayView v,
               ArrayView out) {
  at(out.device, &DeviceKernels::adam_step, generic::adam_step, v3::adam_step)(step, x, g, m, v,
                                                                               out);
}

void accumulating_adam_step(const AccumulatingAdamStep& step, ConstArrayView x, ConstArrayView g,
                            ArrayView m, ArrayView v, ArrayView a, ArrayView out) {
  at(out.device, &DeviceKernels::accumulating_adam_step, generic::accumulating_adam_step,
     v3::accumulating_adam_step)(step, x, g, m, v, a, out);
}

void adaptive_step(const AdaptiveStep& step, ConstArrayView x, ConstArrayView mean, ArrayView m,
                   ArrayView v, ArrayView out) {
  at(out.device, &DeviceKernels::adaptive_step, generic::adaptive_step, v3::adaptive_step)(
      step, x, mean, m, v, out);
}

}  // namespace kith::kernels
