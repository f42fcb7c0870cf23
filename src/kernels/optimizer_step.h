#pragma once

#include "core/array.h"
#include "kernels/arithmetic.h"

/// One step of an optimizer on a run of coordinates: reads parameters `x` and gradient `g`, updates
/// the state, writes the new parameters to `out`, which may be `x`. All arrays of a call have one
/// size and one device, and a coordinate depends on no other, so a vector may come in pieces.
///
/// The operations are those of PyTorch on a CPU with fused multiply-add. SGD gives the same bits,
/// and so do the moments of Adam; Adam's parameters differ in the last place now and then, because
/// PyTorch takes square roots that are not correctly rounded.
namespace kith::kernels {

/// out = x − lr · (g + weight_decay · x)
struct SgdStep {
  float lr = 0;
  float weight_decay = 0;

  KITH_INLINE float operator()(float x, float g) const { return (*this)(x, x, g); }

  /// The step that x and g say, from elsewhere.
  KITH_INLINE float operator()(float from, float x, float g) const {
    return fused(-lr, fused(weight_decay, x, g), from);
  }
};

/// g' = g + weight_decay · x,  m ← momentum · m + g',  out = x − lr · m, or with Nesterov
/// out = x − lr · (g' + momentum · m).
struct MomentumStep {
  float lr = 0;
  float momentum = 0;
  float weight_decay = 0;
  bool nesterov = false;

  KITH_INLINE float operator()(float x, float g, float& m) const { return (*this)(x, x, g, m); }

  /// The step that x, g and m say, from elsewhere.
  KITH_INLINE float operator()(float from, float x, float g, float& m) const {
    g = fused(weight_decay, x, g);
    m = momentum * m + g;
    return fused(-lr, nesterov ? fused(momentum, m, g) : m, from);
  }
};

/// x' = shrink · x,  g' = g + weight_decay · x',
/// m ← m + rate1 · (g' − m),  v ← beta2 · v + rate2 · g'²,
/// out = x' − step_size · m / (√v / root_correction + epsilon).
struct AdamStep {
  float shrink = 1;           ///< 1 − lr · weight decay for AdamW, 1 for Adam
  float weight_decay = 0;     ///< for Adam, 0 for AdamW
  float rate1 = 0;            ///< 1 − β₁
  float beta2 = 0;            ///< β₂
  float rate2 = 0;            ///< 1 − β₂
  float step_size = 0;        ///< lr / (1 − β₁ᵗ) at step t
  float root_correction = 1;  ///< (1 − β₂ᵗ)^½
  float epsilon = 0;

  KITH_INLINE float operator()(float x, float g, float& m, float& v) const {
    x = shrink * x;
    g = fused(weight_decay, x, g);
    // From the nearer end, as PyTorch interpolates.
    m = rate1 < 0.5f ? fused(rate1, g - m, m) : fused(rate1 - 1, g - m, g);
    v = fused(rate2 * g, g, beta2 * v);
    return x - step_size * m / (sqrtf(v) / root_correction + epsilon);
  }
};

void sgd_step(const SgdStep& step, ConstArrayView x, ConstArrayView g, ArrayView out);

void momentum_step(const MomentumStep& step, ConstArrayView x, ConstArrayView g, ArrayView m,
                   ArrayView out);

void adam_step(const AdamStep& step, ConstArrayView x, ConstArrayView g, ArrayView m, ArrayView v,
               ArrayView out);

}  // namespace kith::kernels
