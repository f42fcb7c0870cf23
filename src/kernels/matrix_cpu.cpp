#include "kernels/arithmetic.h"
#include "kernels/block_sum_cpu.h"
#include "kernels/matrix.h"

namespace kith::kernels::KITH_LEVEL {

void times(ConstArrayView matrix, Shape shape, ConstArrayView v, ArrayView out) {
  for (std::size_t row = 0; row < shape.rows; ++row) {
    out.data[row] = static_cast<float>(block_sum(
        shape.columns, [m = matrix.data + row * shape.columns, w = v.data](std::size_t i) {
          return double(m[i]) * double(w[i]);
        }));
  }
}

void transposed_times(ConstArrayView matrix, Shape shape, ConstArrayView v, ArrayView out) {
  float* __restrict const sums = out.data;
  for (std::size_t i = 0; i < shape.columns; ++i) sums[i] = 0;
  const float* m = matrix.data;
  for (std::size_t row = 0; row < shape.rows; ++row, m += shape.columns) {
    const float weight = v.data[row];
    for (std::size_t i = 0; i < shape.columns; ++i) sums[i] = plus_weighted(sums[i], weight, m[i]);
  }
}

void add_outer(ConstArrayView p, ConstArrayView q, std::size_t rank, Shape shape, float scale,
               ArrayView out) {
  constexpr std::size_t kBlock = 512;  // columns at a time
  float product[kBlock];
  for (std::size_t row = 0; row < shape.rows; ++row) {
    float* const to = out.data + row * shape.columns;
    for (std::size_t begin = 0; begin < shape.columns; begin += kBlock) {
      const std::size_t size = shape.columns - begin < kBlock ? shape.columns - begin : kBlock;
      for (std::size_t i = 0; i < size; ++i) product[i] = p.data[row] * q.data[begin + i];
      for (std::size_t k = 1; k < rank; ++k) {
        const float weight = p.data[k * shape.rows + row];
        const float* const column = q.data + k * shape.columns + begin;
        for (std::size_t i = 0; i < size; ++i) {
          product[i] = plus_weighted(product[i], weight, column[i]);
        }
      }
      for (std::size_t i = 0; i < size; ++i) {
        to[begin + i] = plus_weighted(to[begin + i], scale, product[i]);
      }
    }
  }
}

}  // namespace kith::kernels::KITH_LEVEL
