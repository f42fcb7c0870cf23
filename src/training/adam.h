#pragma once

#include "kernels/optimizer_step.h"
#include "training/optimizer.h"

namespace kith {

/// Adam (Kingma & Ba, ICLR 2015, arXiv:1412.6980): a step along the running mean of the gradient,
/// scaled per coordinate by the root of the running mean of its square:
///
///     m ← β₁ m + (1 − β₁) g,  v ← β₂ v + (1 − β₂) g²
///     x ← x − lr · m̂ / (√v̂ + ε),  m̂ = m / (1 − β₁ᵗ),  v̂ = v / (1 − β₂ᵗ)
///
/// Weight decay λ adds λx to the gradient. As torch.optim.Adam, to the last place or two.
class Adam : public Optimizer {
 public:
  struct Params {
    std::optional<double> lr;
    std::vector<double> betas{0.9, 0.999};
    double epsilon = 1e-8;
    double weight_decay = 0;

    void fields(Fields& f);
  };

  explicit Adam(const Params& params) : Optimizer(params.lr), params_(params) {}

  std::vector<std::string> state() const override { return {"exp_avg", "exp_avg_sq"}; }

  void step(const Step& step, ConstArrayView x, ConstArrayView g, std::span<const ArrayView> state,
            ArrayView out) const override;

 private:
  /// Puts a weight decay of λ into `step`, taken at learning rate `lr`.
  virtual void decay(double lambda, double lr, kernels::AdamStep& step) const;

  Params params_;
};

}  // namespace kith
