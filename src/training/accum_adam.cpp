#include <cmath>

#include "core/portable_math.h"
#include "training/adam.h"

namespace kith {
namespace {

/// AccumAdam of Decent-DP (Wang, Zhang, Wu & Johansson, "From promise to practice: realizing
/// high-performance decentralized training", ICLR 2025, arXiv:2410.11998): Adam that steps with
/// every small batch, and moves its moments as with the large batch that K of them make. At step t,
/// with e = ⌈t / K⌉:
///
///     a ← a + g / K
///     m' = m + (1 − β₁) g,  v' = v + (1 − β₂) g²
///     x ← x − lr / (1 − β₁ᵉ) · m' / (√v' / √(1 − β₂ᵉ) + ε)
///     after every K steps:  m ← β₁ (m + (1 − β₁) a),  v ← β₂ (v + (1 − β₂) a²),  a ← 0
///
/// With K = 1 it is Adam. Weight decay λ adds λx to the gradient.
class AccumAdam : public Optimizer {
 public:
  struct Params {
    Adam::Params adam;
    std::int64_t accum_iter = 1;

    void fields(Fields& f) {
      adam.fields(f);
      f.required("accum_iter", accum_iter, "K, after how many steps the running means move",
                 Range{.at_least = 1});
    }
  };

  explicit AccumAdam(const Params& params) : Optimizer(params.adam.lr), params_(params) {}

  std::vector<std::string> state() const override {
    return {"exp_avg", "exp_avg_sq", "accumulated"};
  }

  void step(const Step& step, ConstArrayView x, ConstArrayView g, std::span<const ArrayView> state,
            ArrayView out) const override {
    const std::int64_t k = params_.accum_iter;
    const std::int64_t epoch = (step.count + k - 1) / k;
    const double beta1 = params_.adam.betas[0];
    const double beta2 = params_.adam.betas[1];
    kernels::AccumulatingAdamStep kernel{
        .share = static_cast<float>(1 / double(k)),
        .last = step.count % k == 0,
        .beta1 = static_cast<float>(beta1),
        .rate1 = static_cast<float>(1 - beta1),
        .beta2 = static_cast<float>(beta2),
        .rate2 = static_cast<float>(1 - beta2),
        .step_size = static_cast<float>(step.lr / (1 - portable::power(beta1, epoch))),
        .root_correction = static_cast<float>(std::sqrt(1 - portable::power(beta2, epoch))),
        .epsilon = static_cast<float>(params_.adam.epsilon)};
    decay(params_.adam.weight_decay, step.lr, kernel);
    kernels::accumulating_adam_step(kernel, x, g, state[0], state[1], state[2], out);
  }

 private:
  /// Puts a weight decay of λ into `step`, taken at learning rate `lr`.
  virtual void decay(double lambda, double, kernels::AccumulatingAdamStep& step) const {
    step.weight_decay = static_cast<float>(lambda);
  }

  Params params_;
};

/// The same with decoupled weight decay, as AdamW: x shrinks by the factor 1 − lr λ before the
/// step.
class AccumAdamW final : public AccumAdam {
 public:
  struct Params : AccumAdam::Params {
    Params() { adam.weight_decay = 0.01; }
  };

  explicit AccumAdamW(const Params& params) : AccumAdam(params) {}

 private:
  void decay(double lambda, double lr, kernels::AccumulatingAdamStep& step) const override {
    step.shrink = static_cast<float>(1 - lr * lambda);
  }
};

const Register<Optimizer, AccumAdam> accum_adam{
    "accum_adam", "Adam whose running means move every few steps (Decent-DP)"};
const Register<Optimizer, AccumAdamW> accum_adamw{"accum_adamw",
                                                  "accum_adam with decoupled weight decay"};

}  // namespace
}  // namespace kith
