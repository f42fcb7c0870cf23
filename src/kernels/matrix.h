#pragma once

#include <cstddef>

#include "core/array.h"

/// What low-rank methods need of matrices. A matrix lies row by row in a view.
namespace kith::kernels {

struct Shape {
  std::size_t rows = 0;
  std::size_t columns = 0;
};

/// out = M v: out has a row's number of elements, v a column's. Each is kernels::dot (norms.h) of a
/// row and v, rounded to float32.
void times(ConstArrayView matrix, Shape shape, ConstArrayView v, ArrayView out);

/// out = Mᵀ v: the rows, each weighted by its element of v, added one after the other in float32.
void transposed_times(ConstArrayView matrix, Shape shape, ConstArrayView v, ArrayView out);

/// out += scale · P Qᵀ, of the given shape. P has `rank` columns of shape.rows elements, one
/// behind the other, and Q as many of shape.columns. An element of P Qᵀ is summed over the columns
/// in order, then weighted and added.
void add_outer(ConstArrayView p, ConstArrayView q, std::size_t rank, Shape shape, float scale,
               ArrayView out);

}  // namespace kith::kernels
