#pragma once

#include "core/array.h"

/// Reductions of vectors. Every result is the same bits at every level, and in an order that a
/// device can follow: sums are taken in float64 over blocks of 4,096 coordinates, coordinate i of a
/// block going to partial sum i mod 32, in order; the 32 are added as a tree (16 apart, 8 apart,
/// …), and the blocks' sums one after the other. A sum over an element that is not finite is not
/// finite.
namespace kith::kernels {

/// Σ_i |x_i|
double absolute_sum(ConstArrayView x);

/// Σ_i a_i b_i, each product in float64, which holds it exactly. Both have one size.
double dot(ConstArrayView a, ConstArrayView b);

/// Σ_i (a_i − b_i)², difference and square in float64. Both have one size.
double squared_difference(ConstArrayView a, ConstArrayView b);

struct Extent {
  float low;
  float high;
};

/// The smallest and the largest element, −0 being below 0; {0, 0} for no elements. One of the two
/// is not finite if an element is not.
Extent extent(ConstArrayView x);

}  // namespace kith::kernels
