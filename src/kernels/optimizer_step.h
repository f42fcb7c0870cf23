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

/// Adam whose moments change every few steps, by the mean gradient of these; what a step takes is
/// the kept moments with its own gradient added. m and v are kept decayed already.
///
/// x' = shrink · x,  g' = g + weight_decay · x',  a ← a + share · g',
/// out = x' − step_size · (m + rate1 · g') / (√(v + rate2 · g'²) / root_correction + epsilon);
/// then, if it is the last of these steps,
/// m ← beta1 · (m + rate1 · a),  v ← beta2 · (v + rate2 · a²),  a ← 0.
struct AccumulatingAdamStep {
  float shrink = 1;
  float weight_decay = 0;
  float share = 1;  ///< one of how many steps
  bool last = true;
  float beta1 = 0;
  float rate1 = 0;  ///< 1 − β₁
  float beta2 = 0;
  float rate2 = 0;            ///< 1 − β₂
  float step_size = 0;        ///< lr / (1 − β₁ᵉ) where the moments change for the e-th time
  float root_correction = 1;  ///< (1 − β₂ᵉ)^½
  float epsilon = 0;

  KITH_INLINE float operator()(float x, float g, float& m, float& v, float& a) const {
    x = shrink * x;
    g = fused(weight_decay, x, g);
    a = fused(share, g, a);
    const float mean = fused(rate1, g, m);
    const float square = fused(rate2 * g, g, v);
    m = last ? beta1 * fused(rate1, a, m) : m;
    v = last ? beta2 * fused(rate2 * a, a, v) : v;
    a = last ? 0.0f : a;
    return x - step_size * mean / (sqrtf(square) / root_correction + epsilon);
  }
};

/// A server's step along Δ = mean − x (Reddi et al., ICLR 2021, arXiv:2003.00295, algorithm 2):
/// m ← momentum · m + (1 − momentum) Δ,  v by the rule,  out = x + lr · m / (√v + tau).
struct AdaptiveStep {
  enum class Rule : std::uint8_t {
    kAdagrad,  ///< v ← v + Δ²
    kAdam,     ///< v ← beta2 · v + rate2 · Δ²
    kYogi,     ///< v ← v − rate2 · Δ² · sign(v − Δ²)
  };

  Rule rule = Rule::kAdagrad;
  float lr = 0;
  float momentum = 0;
  float beta2 = 0;
  float rate2 = 0;  ///< 1 − β₂
  float tau = 0;

  KITH_INLINE float operator()(float x, float mean, float& m, float& v) const {
    const float delta = mean - x;
    m = momentum * m + (1 - momentum) * delta;
    return moved(x, delta, m, v);
  }

  /// Without momentum.
  KITH_INLINE float operator()(float x, float mean, float& v) const {
    return moved(x, mean - x, mean - x, v);
  }

 private:
  KITH_INLINE float moved(float x, float delta, float along, float& v) const {
    const float square = delta * delta;
    const float nearer = v > square ? v - rate2 * square : v + rate2 * square;
    const float yogi = v == square ? v : nearer;
    const float adam = beta2 * v + rate2 * square;
    v = rule == Rule::kAdagrad ? v + square : rule == Rule::kAdam ? adam : yogi;
    return x + lr * (along / (sqrtf(v) + tau));
  }
};

void sgd_step(const SgdStep& step, ConstArrayView x, ConstArrayView g, ArrayView out);

void momentum_step(const MomentumStep& step, ConstArrayView x, ConstArrayView g, ArrayView m,
                   ArrayView out);

void adam_step(const AdamStep& step, ConstArrayView x, ConstArrayView g, ArrayView m, ArrayView v,
               ArrayView out);

void accumulating_adam_step(const AccumulatingAdamStep& step, ConstArrayView x, ConstArrayView g,
                            ArrayView m, ArrayView v, ArrayView a, ArrayView out);

/// `m` is empty for no momentum. `out` may be `mean`.
void adaptive_step(const AdaptiveStep& step, ConstArrayView x, ConstArrayView mean, ArrayView m,
                   ArrayView v, ArrayView out);

}  // namespace kith::kernels
