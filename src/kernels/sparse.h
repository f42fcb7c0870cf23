#pragma once

#include <cstdint>
#include <span>

#include "core/array.h"

/// Some coordinates of a vector. Indices are below the vector's size.
namespace kith::kernels {

/// values[k] = x[indices[k]]; values has indices.size() elements.
void gather(ConstArrayView x, std::span<const std::uint32_t> indices, ArrayView values);

/// out[indices[k]] = values[k]; no index stands twice.
void scatter(std::span<const std::uint32_t> indices, ConstArrayView values, ArrayView out);

/// out[indices[k]] += scale · values[k]; no index stands twice.
void scatter_add(std::span<const std::uint32_t> indices, float scale, ConstArrayView values,
                 ArrayView out);

/// out[indices[k]] += scale · (values[k] − x[indices[k]]); no index stands twice. `out` may be x.
void scatter_add_difference(std::span<const std::uint32_t> indices, float scale,
                            ConstArrayView values, ConstArrayView x, ArrayView out);

}  // namespace kith::kernels
