#pragma once

#include <cstddef>
#include <cstdint>

#include "core/array.h"

/// Element-wise arithmetic and reductions on vectors. All arrays of a call have one size and one
/// device. Every result is the same bits at every level.
namespace kith::kernels {

/// Every element of `out` becomes `value`.
void fill(ArrayView out, float value);

/// out = a − b. `out` may be `a` or `b`.
void subtract(ConstArrayView a, ConstArrayView b, ArrayView out);

/// out = x + scale · y, product and sum rounded once each. `out` may be `x` or `y`.
void add_scaled(ConstArrayView x, float scale, ConstArrayView y, ArrayView out);

/// out = a · x + b · y, products and sum rounded once each. `out` may be `x` or `y`.
void weighted_sum(float a, ConstArrayView x, float b, ConstArrayView y, ArrayView out);

/// Every element is divided, in float64, by `by`.
void divide(ArrayView x, double by);

/// Whether no element is NaN or infinite.
bool all_finite(ConstArrayView x);

/// max_i |x_i|; 0 for no elements, NaN if there is one.
float max_abs(ConstArrayView x);

}  // namespace kith::kernels
