#include "kernels/mix_step.h"

namespace kith::kernels::KITH_LEVEL {

void step_from(const SgdStep& step, ConstArrayView x, ConstArrayView g, ArrayView out) {
  const SgdStep advance = step;
#pragma GCC ivdep
  for (std::size_t i = 0; i < out.size; ++i) {
    out.data[i] = advance(out.data[i], x.data[i], g.data[i]);
  }
}

void step_from(const MomentumStep& step, ConstArrayView x, ConstArrayView g, ArrayView m,
               ArrayView out) {
  const MomentumStep advance = step;
#pragma GCC ivdep
  for (std::size_t i = 0; i < out.size; ++i) {
    out.data[i] = advance(out.data[i], x.data[i], g.data[i], m.data[i]);
  }
}

}  // namespace kith::kernels::KITH_LEVEL
