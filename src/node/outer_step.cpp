#include "node/outer_step.h"

#include "core/device_memory.h"
#include "kernels/parts.h"
#include "kernels/vector_ops.h"

namespace kith {

OuterStep::OuterStep(const Options& options, std::size_t parameters, const Device& device)
    : options_(options),
      rule_(options.type == "adagrad" ? Rule::kAdagrad
            : options.type == "adam"  ? Rule::kAdam
                                      : Rule::kYogi),
      m_(options.momentum > 0 ? parameters : 0, device),
      v_(adapts() ? parameters : 0, device) {
  kernels::fill(v_.view(), static_cast<float>(options.tau * options.tau));
}

void OuterStep::step(ConstArrayView x, ConstArrayView mean, ArrayView out) {
  if (adapts()) {
    adapt(x, mean, out);
  } else if (m_.size() == 0 && options_.lr == 1) {  // averaging itself, without rounding twice
    copy(mean, out);
  } else {
    descend(x, mean, out);
  }
}

void OuterStep::descend(ConstArrayView x, ConstArrayView mean, ArrayView out) {
  const auto lr = static_cast<float>(options_.lr);
  const auto beta = static_cast<float>(options_.momentum);
  kernels::for_parts(x.size, x.device, [&](std::size_t offset, std::size_t size) {
    const ConstArrayView from = x.part(offset, size);
    const ArrayView delta = out.part(offset, size);
    kernels::subtract(mean.part(offset, size), from, delta);
    ConstArrayView along = delta;
    if (m_.size() > 0) {
      const ArrayView m = m_.view().part(offset, size);
      kernels::weighted_sum(beta, m, 1, delta, m);
      if (options_.nesterov) {
        kernels::add_scaled(delta, beta, m, delta);
      } else {
        along = m;
      }
    }
    kernels::add_scaled(from, lr, along, delta);
  });
}

void OuterStep::adapt(ConstArrayView x, ConstArrayView mean, ArrayView out) {
  const kernels::AdaptiveStep step{rule_,
                                   static_cast<float>(options_.lr),
                                   static_cast<float>(options_.momentum),
                                   static_cast<float>(options_.beta2),
                                   static_cast<float>(1 - options_.beta2),
                                   static_cast<float>(options_.tau)};
  kernels::adaptive_step(step, x, mean, m_.view(), v_.view(), out);
}

void OuterStep::walk_state(StateWalker& walker) {
  if (m_.size() > 0) walker.tensor("outer_momentum", m_.view());
  if (v_.size() > 0) walker.tensor("outer_second_moment", v_.view());
}

}  // namespace kith
