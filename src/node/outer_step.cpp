#include "node/outer_step.h"

#include <algorithm>
#include <cmath>

namespace kith {

OuterStep::OuterStep(const Options& options, std::size_t parameters)
    : options_(options),
      rule_(options.type == "sgd"       ? Rule::kSgd
            : options.type == "adagrad" ? Rule::kAdagrad
            : options.type == "adam"    ? Rule::kAdam
                                        : Rule::kYogi),
      m_(options.momentum > 0 ? parameters : 0),
      v_(adapts() ? parameters : 0) {
  std::fill_n(v_.data(), v_.size(), static_cast<float>(options.tau * options.tau));
}

float OuterStep::second_moment(float v, float square) const {
  const auto rate = static_cast<float>(1 - options_.beta2);
  if (rule_ == Rule::kAdagrad) return v + square;
  if (rule_ == Rule::kAdam) return static_cast<float>(options_.beta2) * v + rate * square;
  if (v == square) return v;
  return v > square ? v - rate * square : v + rate * square;
}

void OuterStep::step(ConstArrayView x, ConstArrayView mean, ArrayView out) {
  const auto lr = static_cast<float>(options_.lr);
  const auto beta = static_cast<float>(options_.momentum);
  if (!adapts() && m_.size() == 0 && lr == 1) {  // averaging itself, without rounding twice
    std::copy_n(mean.data, mean.size, out.data);
    return;
  }
  for (std::size_t i = 0; i < x.size; ++i) {
    const float delta = mean.data[i] - x.data[i];
    float along = delta;
    if (m_.size() > 0) {
      float& m = m_[i];
      m = beta * m + (adapts() ? (1 - beta) * delta : delta);
      along = options_.nesterov ? delta + beta * m : m;
    }
    if (adapts()) {
      float& v = v_[i];
      v = second_moment(v, delta * delta);
      along /= std::sqrt(v) + static_cast<float>(options_.tau);
    }
    out.data[i] = x.data[i] + lr * along;
  }
}

void OuterStep::walk_state(StateWalker& walker) {
  if (m_.size() > 0) walker.tensor("outer_momentum", m_.view());
  if (v_.size() > 0) walker.tensor("outer_second_moment", v_.view());
}

}  // namespace kith
