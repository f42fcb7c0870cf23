#include "kernels/matrix.h"

#include "kernels/every_level.h"
#include "kernels/norms.h"

namespace kith::kernels {
namespace {

class MatrixKernels : public EveryLevel {};
INSTANTIATE_TEST_SUITE_P(Level, MatrixKernels, supported_levels(), level_name);

constexpr Shape kShapes[] = {{1, 1}, {1, 70}, {70, 1}, {3, 5}, {33, 1025}, {6, 40}};

TEST_P(MatrixKernels, MultiplyInTheOrderThatIsPromised) {
  for (const Shape shape : kShapes) {
    const Array m = random_array(shape.rows * shape.columns, 1);
    const Array v = random_array(shape.columns, 2), w = random_array(shape.rows, 3);
    Array product(shape.rows), transposed(shape.columns), expected(shape.columns);
    times(m.view(), shape, v.view(), product.view());
    transposed_times(m.view(), shape, w.view(), transposed.view());
    for (std::size_t i = 0; i < shape.rows; ++i) {
      const ConstArrayView row = m.view().part(i * shape.columns, shape.columns);
      EXPECT_EQ(product[i], float(dot(row, v.view())));
      for (std::size_t j = 0; j < shape.columns; ++j) expected[j] += w[i] * row.data[j];
    }
    EXPECT_TRUE(same_bits(transposed.view(), expected.view()));
  }
}

TEST_P(MatrixKernels, AddAnOuterProductColumnByColumn) {
  for (const Shape shape : kShapes) {
    for (const std::size_t rank : {1, 2, 5}) {
      const Array p = random_array(rank * shape.rows, 4), q = random_array(rank * shape.columns, 5);
      Array out = random_array(shape.rows * shape.columns, 6);
      Array expected = copy_of(out.view());
      add_outer(p.view(), q.view(), rank, shape, -0.3f, out.view());
      for (std::size_t i = 0; i < shape.rows; ++i) {
        for (std::size_t j = 0; j < shape.columns; ++j) {
          float product = p[i] * q[j];
          for (std::size_t k = 1; k < rank; ++k) {
            product += p[k * shape.rows + i] * q[k * shape.columns + j];
          }
          expected[i * shape.columns + j] += -0.3f * product;
        }
      }
      EXPECT_TRUE(same_bits(out.view(), expected.view()));
    }
  }
}

}  // namespace
}  // namespace kith::kernels
