#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/array.h"
#include "core/fields.h"
#include "core/state.h"
#include "kernels/optimizer_step.h"

namespace kith {

/// How a model moves along Δ, what the mean of locally trained models is away from it: x⁺ = x + Δ
/// is averaging itself. Δ takes the place of a negative gradient (Reddi et al., ICLR 2021,
/// arXiv:2003.00295, algorithm 2); with learning rate η, momentum β and all arithmetic by
/// coordinate:
///
///     sgd       m ← β m + Δ;            x⁺ = x + η m, with Nesterov x + η (Δ + β m)
///     adagrad   m ← β m + (1 − β) Δ;    v ← v + Δ²;                       x⁺ = x + η m / (√v + τ)
///     adam      the same m;             v ← β₂ v + (1 − β₂) Δ²
///     yogi      the same m;             v ← v − (1 − β₂) Δ² sign(v − Δ²)
///
/// v starts at τ², and nothing is corrected for the start, as in the paper.
class OuterStep {
 public:
  struct Options {
    std::string type = "sgd";
    double lr = 1;
    double momentum = 0;
    bool nesterov = false;
    double beta2 = 0.99;
    double tau = 1e-3;

    void fields(Fields& f) {
      f.optional("type", type, "how the server's model moves",
                 Choices{{"sgd", "adagrad", "adam", "yogi"}});
      f.optional("lr", lr, "η, its learning rate", Range{.above = 0});
      f.optional("momentum", momentum, "β, what is left of an update in the next",
                 Range{.at_least = 0, .below = 1});
      f.optional("nesterov", nesterov, "whether sgd looks ahead along its momentum");
      f.check(!nesterov || type == "sgd", "nesterov", "is for sgd");
      f.optional("beta2", beta2, "β₂ of adam and yogi", Range{.at_least = 0, .below = 1});
      f.optional("tau", tau, "τ of adagrad, adam and yogi, how adaptive they are",
                 Range{.above = 0});
    }
  };

  /// For vectors of so many parameters on `device`.
  OuterStep(const Options& options, std::size_t parameters, const Device& device);

  /// out ← x moved along mean − x. `out` may be `mean`.
  void step(ConstArrayView x, ConstArrayView mean, ArrayView out);

  void walk_state(StateWalker& walker);

 private:
  using Rule = kernels::AdaptiveStep::Rule;

  bool adapts() const { return options_.type != "sgd"; }
  void descend(ConstArrayView x, ConstArrayView mean, ArrayView out);
  void adapt(ConstArrayView x, ConstArrayView mean, ArrayView out);

  Options options_;
  Rule rule_;  // where it adapts
  Array m_;
  Array v_;
};

}  // namespace kith
