#include "node/last_gradient.h"

#include "core/device_memory.h"
#include "kernels/vector_ops.h"

namespace kith {

Task<> LastGradient::start(Node& self, Channel& tracker) {
  gradient_ = Array(self.x().size, self.device());
  co_await self.gradient(gradient_.view());
  copy(gradient_.view(), tracker.overwrite());
}

Task<> LastGradient::add_change(Node& self, Channel& tracker) {
  const std::shared_ptr<Array> gradient = self.vector();
  co_await self.gradient(gradient->view());
  // The change first: it is small where the gradients are not, as they are where data differ.
  kernels::subtract(gradient->view(), gradient_.view(), gradient_.view());
  const ArrayView v = tracker.edit();
  kernels::add_scaled(v, 1, gradient_.view(), v);
  copy(gradient->view(), gradient_.view());
}

}  // namespace kith
