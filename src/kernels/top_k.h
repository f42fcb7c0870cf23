#pragma once

#include <cstdint>
#include <span>

#include "core/array.h"

namespace kith::kernels {

/// Elements of scratch that a selection needs beyond those of the vector it selects from.
inline constexpr std::size_t kTopKSlack = 8;

/// The k = indices.size() <= x.size elements of largest magnitude: their places, ascending, in
/// `indices`, and themselves in `values`, which has k elements. Of equal magnitudes the one at the
/// lower index comes first. Infinity is above all numbers, NaN above infinity.
///
/// An exact radix select: a histogram of the upper bits of |x|, then finer ones of the one bucket
/// that the k-th element is in, then one pass that picks. `scratch` has at least x.size +
/// kTopKSlack elements, whose content is lost; on a device, which finds room itself, it may be
/// empty.
void top_k(ConstArrayView x, std::span<std::uint32_t> scratch, std::span<std::uint32_t> indices,
           ArrayView values);

}  // namespace kith::kernels
