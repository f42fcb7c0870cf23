#include "training/adam.h"

namespace kith {
namespace {

/// Adam with decoupled weight decay (Loshchilov & Hutter, ICLR 2019, arXiv:1711.05101): x shrinks
/// by the factor 1 − lr λ before the step, and the running means do not see it.
class AdamW final : public Adam {
 public:
  struct Params : Adam::Params {
    Params() { weight_decay = 0.01; }
  };

  explicit AdamW(const Params& params) : Adam(params) {}

 private:
  void decay(double lambda, double lr, kernels::AdamStep& step) const override {
    step.shrink = static_cast<float>(1 - lr * lambda);
  }
};

const Register<Optimizer, AdamW> registered{"adamw", "Adam with decoupled weight decay"};

}  // namespace
}  // namespace kith
