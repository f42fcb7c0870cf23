#pragma once

#include <span>

#include "core/array.h"

namespace kith::kernels {

/// One neighbor's part of a weighted sum.
struct Term {
  float weight = 0;
  ConstArrayView vector;
};

/// out = self_weight · x + Σ_k terms[k].weight · terms[k].vector
///
/// One pass: each vector is read once and `out` written once. Per coordinate the sum is taken from
/// left to right in float32, each product and each sum rounded once, so the result is the same bits
/// on every path, processor and thread count. All vectors have one size and one device; `out` may
/// be `x`, and overlaps no term.
void mix(float self_weight, ConstArrayView x, std::span<const Term> terms, ArrayView out);

}  // namespace kith::kernels
