#pragma once

#include <span>

#include "kernels/mix.h"
#include "kernels/optimizer_step.h"

/// A round of D-PSGD in one pass (Lian et al., NeurIPS 2017, Algorithm 1): the gradient was taken
/// at x, and the step is made from the neighborhood's average. With mixed = self_weight · x + Σ_k
/// terms[k], the sum that kernels::mix has, each writes what its step makes of (mixed, x, g): every
/// vector is read once and written once. `out` overlaps no other vector.
namespace kith::kernels {

/// out = mixed − lr · (g + weight_decay · x)
void mix_sgd(float self_weight, ConstArrayView x, std::span<const Term> terms, const SgdStep& step,
             ConstArrayView g, ArrayView out);

/// g' = g + weight_decay · x,  m ← momentum · m + g',  out = mixed − lr · m, or with Nesterov
/// out = mixed − lr · (g' + momentum · m).
void mix_momentum(float self_weight, ConstArrayView x, std::span<const Term> terms,
                  const MomentumStep& step, ConstArrayView g, ArrayView m, ArrayView out);

}  // namespace kith::kernels
