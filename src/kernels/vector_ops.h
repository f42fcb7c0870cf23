#pragma once

#include "core/array.h"

/// Element-wise arithmetic and reductions on vectors. All arrays of a call have one size and one
/// device. Every result is the same bits at every level.
namespace kith::kernels {

/// out = a − b. `out` may be `a` or `b`.
void subtract(ConstArrayView a, ConstArrayView b, ArrayView out);

/// out = x + scale · y, product and sum rounded once each. `out` may be `x` or `y`.
void add_scaled(ConstArrayView x, float scale, ConstArrayView y, ArrayView out);

/// Whether no element is NaN or infinite.
bool all_finite(ConstArrayView x);

/// max_i |x_i|; 0 for no elements, NaN if there is one.
float max_abs(ConstArrayView x);

/// sum_i += x_i in float64: a step towards the mean of many vectors. `sum` has x.size elements.
void add_to_mean(ConstArrayView x, double* sum);

/// Σ_i (x_i − mean_i)² in float64. Coordinate i is added to partial sum i mod 8, in order; the
/// eight are then added as a tree. `mean` has x.size elements.
double squared_distance(ConstArrayView x, const double* mean);

}  // namespace kith::kernels
