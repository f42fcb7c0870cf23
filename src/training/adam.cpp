#include "training/adam.h"

#include <cmath>

#include "core/portable_math.h"

namespace kith {

void Adam::Params::fields(Fields& f) {
  f.optional("lr", lr, "learning rate; needed where local steps are taken", Range{.at_least = 0});
  f.optional("betas", betas, "β₁ and β₂, how much of the running means is kept",
             Range{.at_least = 0, .below = 1});
  f.check(betas.size() == 2, "betas", "must be two numbers, [β₁, β₂]");
  f.optional("epsilon", epsilon, "ε, added to the root of the mean square", Range{.at_least = 0});
  f.optional("weight_decay", weight_decay, "λ, how strongly parameters are drawn to zero",
             Range{.at_least = 0});
}

void Adam::step(const Step& step, ConstArrayView x, ConstArrayView g,
                std::span<const ArrayView> state, ArrayView out) const {
  const double beta1 = params_.betas[0];
  const double beta2 = params_.betas[1];
  const double correction1 = 1 - portable::power(beta1, step.count);
  const double correction2 = 1 - portable::power(beta2, step.count);
  kernels::AdamStep kernel{.rate1 = static_cast<float>(1 - beta1),
                           .beta2 = static_cast<float>(beta2),
                           .rate2 = static_cast<float>(1 - beta2),
                           .step_size = static_cast<float>(step.lr / correction1),
                           .root_correction = static_cast<float>(std::sqrt(correction2)),
                           .epsilon = static_cast<float>(params_.epsilon)};
  decay(params_.weight_decay, step.lr, kernel);
  kernels::adam_step(kernel, x, g, state[0], state[1], out);
}

void Adam::decay(double lambda, double, kernels::AdamStep& step) const {
  step.weight_decay = static_cast<float>(lambda);
}

namespace {
const Register<Optimizer, Adam> registered{"adam", "adaptive steps from two running means"};
}

}  // namespace kith
