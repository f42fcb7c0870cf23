#pragma once

#include <math.h>

#include "core/inline.h"

/// The arithmetic that the loops of every processor and device share, one coordinate at a time.
/// Built without contraction (-ffp-contract=off, nvcc: -fmad=false), every operation rounds once,
/// so that the results are the same bits everywhere.

namespace kith::kernels {

/// a · b + c, rounded once. One instruction at level v3 and on GPUs; a call into the C library at
/// the generic level, some twenty times
/// slower.
KITH_INLINE float fused(float a, float b, float c) { return fmaf(a, b, c); }

/// sum + weight · x, rounded twice
KITH_INLINE float plus_weighted(float sum, float weight, float x) { return sum + weight * x; }

}  // namespace kith::kernels
