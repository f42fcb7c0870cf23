#include "kernels/optimizer_step.h"

namespace kith::kernels::KITH_LEVEL {

// Each takes a copy of `step`: what is reached through a reference might change with every store.

void sgd_step(const SgdStep& step, ConstArrayView x, ConstArrayView g, ArrayView out) {
  const SgdStep advance = step;
#pragma GCC ivdep
  for (std::size_t i = 0; i < out.size; ++i) out.data[i] = advance(x.data[i], g.data[i]);
}

void momentum_step(const MomentumStep& step, ConstArrayView x, ConstArrayView g, ArrayView m,
                   ArrayView out) {
  const MomentumStep advance = step;
#pragma GCC ivdep
  for (std::size_t i = 0; i < out.size; ++i) {
    out.data[i] = advance(x.data[i], g.data[i], m.data[i]);
  }
}

void adam_step(const AdamStep& step, ConstArrayView x, ConstArrayView g, ArrayView m, ArrayView v,
               ArrayView out) {
  const AdamStep advance = step;
#pragma GCC ivdep
  for (std::size_t i = 0; i < out.size; ++i) {
    out.data[i] = advance(x.data[i], g.data[i], m.data[i], v.data[i]);
  }
}

void accumulating_adam_step(const AccumulatingAdamStep& step, ConstArrayView x, ConstArrayView g,
                            ArrayView m, ArrayView v, ArrayView a, ArrayView out) {
  const AccumulatingAdamStep advance = step;
#pragma GCC ivdep
  for (std::size_t i = 0; i < out.size; ++i) {
    out.data[i] = advance(x.data[i], g.data[i], m.data[i], v.data[i], a.data[i]);
  }
}

void adaptive_step(const AdaptiveStep& step, ConstArrayView x, ConstArrayView mean, ArrayView m,
                   ArrayView v, ArrayView out) {
  const AdaptiveStep advance = step;
  if (m.size == 0) {
#pragma GCC ivdep
    for (std::size_t i = 0; i < out.size; ++i) {
      out.data[i] = advance(x.data[i], mean.data[i], v.data[i]);
    }
  } else {
#pragma GCC ivdep
    for (std::size_t i = 0; i < out.size; ++i) {
      out.data[i] = advance(x.data[i], mean.data[i], m.data[i], v.data[i]);
    }
  }
}

}  // namespace kith::kernels::KITH_LEVEL
