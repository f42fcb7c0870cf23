#include "compression/thin_matrix.h"

#include <algorithm>
#include <cmath>

#include "core/device_memory.h"
#include "kernels/norms.h"
#include "kernels/vector_ops.h"

namespace kith {

kernels::Shape matrix_of(const ParameterLayout::Tensor& tensor) {
  const std::size_t rows =
      tensor.shape.size() < 2 ? 0 : static_cast<std::size_t>(tensor.shape.front());
  return {rows, rows > 0 ? tensor.size / rows : 0};
}

void normalize(ArrayView v) {
  const double length = std::sqrt(kernels::dot(v, v));
  if (length == 0) return;
  kernels::divide(v, length);
}

void make_orthonormal(ArrayView thin, std::size_t rows) {
  constexpr double kDependent = 1e-5;
  for (std::size_t k = 0; k < thin.size / rows; ++k) {
    const ArrayView own = column(thin, rows, k);
    normalize(own);
    for (int pass = 0; pass < 2; ++pass) {
      for (std::size_t j = 0; j < k; ++j) {
        const ConstArrayView before = column(thin, rows, j);
        const auto along = static_cast<float>(kernels::dot(before, own));
        kernels::add_scaled(own, -along, before, own);
      }
    }
    if (kernels::dot(own, own) < kDependent * kDependent) kernels::fill(own, 0);
    normalize(own);
  }
}

void replace_zeros(ArrayView thin, std::size_t rows, Random& random) {
  for (std::size_t k = 0; k < thin.size / rows; ++k) {
    const ArrayView own = column(thin, rows, k);
    if (kernels::max_abs(own) > 0) continue;
    Array drawn(own.size);
    for (float& element : drawn.view()) element = static_cast<float>(random.normal());
    copy(drawn.view(), own);
    normalize(own);
  }
}

void multiply(ConstArrayView m, kernels::Shape shape, ConstArrayView q, ArrayView out) {
  for (std::size_t k = 0; k < q.size / shape.columns; ++k) {
    kernels::times(m, shape, column(q, shape.columns, k), column(out, shape.rows, k));
  }
}

void multiply_transposed(ConstArrayView m, kernels::Shape shape, ConstArrayView p, ArrayView out) {
  for (std::size_t k = 0; k < p.size / shape.rows; ++k) {
    kernels::transposed_times(m, shape, column(p, shape.rows, k), column(out, shape.columns, k));
  }
}

}  // namespace kith
