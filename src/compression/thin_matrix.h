#pragma once

#include "core/layout.h"
#include "core/random.h"
#include "kernels/matrix.h"

/// What low-rank methods do with matrices of few columns. Such a matrix lies column by column in a
/// view, as kernels::add_outer takes it.
namespace kith {

/// A tensor as a matrix, its first dimension by the rest; of no rows where it has not two.
kernels::Shape matrix_of(const ParameterLayout::Tensor& tensor);

/// A column of a thin matrix.
inline ArrayView column(ArrayView thin, std::size_t rows, std::size_t k) {
  return thin.part(k * rows, rows);
}
inline ConstArrayView column(ConstArrayView thin, std::size_t rows, std::size_t k) {
  return thin.part(k * rows, rows);
}

/// To length 1; zeros stay.
void normalize(ArrayView v);

/// Makes the columns orthonormal: Gram–Schmidt, twice, in float64 sums. A column that depends on
/// those before becomes zero.
void make_orthonormal(ArrayView thin, std::size_t rows);

/// Columns of zeros, from which no power iteration gets away, become random ones of length 1.
void replace_zeros(ArrayView thin, std::size_t rows, Random& random);

/// out = M Q, column by column.
void multiply(ConstArrayView m, kernels::Shape shape, ConstArrayView q, ArrayView out);

/// out = Mᵀ P, column by column.
void multiply_transposed(ConstArrayView m, kernels::Shape shape, ConstArrayView p, ArrayView out);

}  // namespace kith
