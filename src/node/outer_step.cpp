#include "node/outer_step.h"

#include <algorithm>
#include <cmath>

#include "core/device_memory.h"
#include "kernels/parts.h"
#include "kernels/vector_ops.h"

namespace kith {

OuterStep::OuterStep(const Options& options, std::size_t parameters, const Device& device)
    : options_(options),
      rule_(options.type == "sgd"       ? Rule::kSgd
            : options.type == "adagrad" ? Rule::kAdagrad
            : options.type == "adam"    ? Rule::kAdam
                                        : Rule::kYogi),
      m_(options.momentum > 0 ? parameters : 0, adapts() ? Device{} : device),
      v_(adapts() ? parameters : 0) {
  std::fill_n(v_.data(), v_.size(), static_cast<float>(options.tau * options.tau));
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

float OuterStep::second_moment(float v, float square) const {
  const auto rate = static_cast<float>(1 - options_.beta2);
  if (rule_ == Rule::kAdagrad) return v + square;
  if (rule_ == Rule::kAdam) return static_cast<float>(options_.beta2) * v + rate * square;
  if (v == square) return v;
  return v > square ? v - rate * square : v + rate * square;
}

void OuterStep::adapt(ConstArrayView x, ConstArrayView mean, ArrayView out) {
  const auto lr = static_cast<float>(options_.lr);
  const auto beta = static_cast<float>(options_.momentum);
  const auto tau = static_cast<float>(options_.tau);
  const ViewFrom from(x, Device{}), to(mean, Device{});
  Array room(out.device.is_cpu() ? 0 : out.size);
  float* const moved = out.device.is_cpu() ? out.data : room.data();
  for (std::size_t i = 0; i < x.size; ++i) {
    const float delta = to.view().data[i] - from.view().data[i];
    float along = delta;
    if (m_.size() > 0) {
      float& m = m_[i];
      along = m = beta * m + (1 - beta) * delta;
    }
    float& v = v_[i];
    v = second_moment(v, delta * delta);
    moved[i] = from.view().data[i] + lr * (along / (std::sqrt(v) + tau));
  }
  if (room.size() > 0) copy(room.view(), out);
}

void OuterStep::walk_state(StateWalker& walker) {
  if (m_.size() > 0) walker.tensor("outer_momentum", m_.view());
  if (v_.size() > 0) walker.tensor("outer_second_moment", v_.view());
}

}  // namespace kith
