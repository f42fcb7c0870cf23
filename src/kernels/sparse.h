#pragma once

#include <cstdint>
#include <span>

#include "core/array.h"
#include "kernels/signs.h"

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

/// out[indices[k]] = x[indices[k]]; no index stands twice.
void copy_at(std::span<const std::uint32_t> indices, ConstArrayView x, ArrayView out);

/// Every index, in the memory of `device`, becomes larger by `by`.
void shift_indices(std::span<std::uint32_t> indices, std::uint32_t by, const Device& device = {});

/// Bit i mod 8 of byte i / 8 = whether |x_i| >= least, for finite numbers. `bits` has
/// sign_bytes(x.size); bits behind the last one are 0.
void reach_bits(ConstArrayView x, float least, std::uint8_t* bits);

}  // namespace kith::kernels
