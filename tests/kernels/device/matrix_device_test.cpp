#include "kernels/device/on_device.h"

namespace kith::kernels {
namespace {

using MatricesOnDevice = OnDevice;

constexpr Shape kShapes[] = {{1, 1}, {1, 70}, {70, 1}, {3, 5}, {33, 1'025}, {7, 4'097}, {2, 9'000}};

TEST_F(MatricesOnDevice, ProductsWithVectorsAreThoseOfTheProcessor) {
  for (const Shape shape : kShapes) {
    SCOPED_TRACE(std::to_string(shape.rows) + " by " + std::to_string(shape.columns));
    const Array matrix = random_array(shape.rows * shape.columns, 1);
    const Array v = random_array(shape.columns, 2), w = random_array(shape.rows, 3);
    Array product(shape.rows), transposed(shape.columns);
    times(matrix.view(), shape, v.view(), product.view());
    transposed_times(matrix.view(), shape, w.view(), transposed.view());

    Floats matrix_there = held(matrix.view(), 1), v_there = held(v.view()),
           w_there = held(w.view());
    Floats product_there(shape.rows), transposed_there(shape.columns);
    times(matrix_there.view(), shape, v_there.view(), product_there.view());
    transposed_times(matrix_there.view(), shape, w_there.view(), transposed_there.view());
    EXPECT_TRUE(same(product_there.back(), floats(product.view())));
    EXPECT_TRUE(same(transposed_there.back(), floats(transposed.view())));
  }
}

TEST_F(MatricesOnDevice, OuterProductsAreAddedAsOnTheProcessor) {
  for (const Shape shape : kShapes) {
    for (const std::size_t rank : {1, 2, 5}) {
      SCOPED_TRACE(std::to_string(shape.rows) + " by " + std::to_string(shape.columns));
      const Array p = random_array(rank * shape.rows, 4), q = random_array(rank * shape.columns, 5);
      Array out = random_array(shape.rows * shape.columns, 6);
      Floats p_there = held(p.view()), q_there = held(q.view()), out_there = held(out.view(), 1);
      add_outer(p.view(), q.view(), rank, shape, -0.3f, out.view());
      add_outer(p_there.view(), q_there.view(), rank, shape, -0.3f, out_there.view());
      EXPECT_TRUE(same(out_there.back(), floats(out.view())));
    }
  }
}

}  // namespace
}  // namespace kith::kernels
