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

/// A step towards the sum of many vectors that does not depend on their order: x_i is rounded to
/// q_i = (x_i + coarse) − coarse and what is left of it, r_i, to (r_i + fine) − fine, and the two
/// are added to their sums. With `coarse` and `fine` of an exact_sum_bins, no addition rounds.
/// The sums have x.size elements (Demmel & Nguyen, "Parallel reproducible summation", IEEE TC
/// 2015).
void add_to_sums(ConstArrayView x, double coarse, double fine, double* coarse_sum,
                 double* fine_sum);

/// Σ_i x_i / n of what `add_to_sums` added. All lies in the memory of `device`.
void mean_of_sums(const double* coarse_sum, const double* fine_sum, double n, double* mean,
                  std::size_t size, const Device& device = {});

/// The two constants for n vectors of magnitude at most `largest`, finite and above 0.
struct SumBins {
  double coarse = 0;
  double fine = 0;
};
SumBins exact_sum_bins(float largest, std::int64_t n);

/// Σ_i (x_i − mean_i)² in float64. Coordinate i is added to partial sum i mod 8, in order; the
/// eight are then added as a tree. `mean` has x.size elements.
double squared_distance(ConstArrayView x, const double* mean);

}  // namespace kith::kernels
