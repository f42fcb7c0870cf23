#pragma once

#include "kernels/arithmetic.h"
#include "kernels/grid/reduce.h"
#include "kernels/grid/streaming.h"
#include "kernels/matrix.h"

/// What low-rank methods need of matrices (kernels/matrix.h).
namespace kith::kernels {

/// Element i of a row times that of v.
struct RowTerm {
  const float* matrix;
  std::size_t columns;
  const float* v;

  KITH_INLINE double operator()(std::size_t row, std::size_t i) const {
    return double(matrix[row * columns + i]) * double(v[i]);
  }
};

/// The sums of a row's blocks, one after the other.
struct RowTotalWork {
  const double* sums;
  std::size_t blocks;  // of a row
  float* out;

  template <int>
  KITH_INLINE void at(std::size_t row) const {
    double sum = 0;
    for (std::size_t block = 0; block < blocks; ++block) sum += sums[row * blocks + block];
    out[row] = static_cast<float>(sum);
  }
};

template <class Queue>
void times_on(Queue& queue, ConstArrayView matrix, Shape shape, ConstArrayView v, ArrayView out) {
  using Program = BlockSums<RowTerm>;
  const std::size_t blocks = divided_up(shape.columns, Program::kBlock);
  const auto sums = queue.template room<double>(shape.rows * blocks);
  queue.launch(
      divided_up(shape.rows * blocks, Program::kBlocks),
      Program{{matrix.data, shape.columns, v.data}, shape.columns, shape.rows, sums.place()});
  stream_single(queue, shape.rows, RowTotalWork{sums.place(), blocks, out.data});
}

/// out_i: the rows' elements i, one after the other.
struct ColumnWork {
  const float* matrix;
  Shape shape;
  const float* v;
  float* out;

  template <int>
  KITH_INLINE void at(std::size_t i) const {
    float sum = 0;
    for (std::size_t row = 0; row < shape.rows; ++row) {
      sum = plus_weighted(sum, v[row], matrix[row * shape.columns + i]);
    }
    out[i] = sum;
  }
};

struct OuterWork {
  const float* p;
  const float* q;
  std::size_t rank;
  Shape shape;
  float scale;
  float* out;

  template <int>
  KITH_INLINE void at(std::size_t element) const {
    const std::size_t row = element / shape.columns, i = element % shape.columns;
    float product = p[row] * q[i];
    for (std::size_t k = 1; k < rank; ++k) {
      product = plus_weighted(product, p[k * shape.rows + row], q[k * shape.columns + i]);
    }
    out[element] = plus_weighted(out[element], scale, product);
  }
};

}  // namespace kith::kernels
