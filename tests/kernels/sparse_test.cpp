#include "kernels/sparse.h"

#include "kernels/every_level.h"

namespace kith::kernels {
namespace {

class SparseKernels : public EveryLevel {};
INSTANTIATE_TEST_SUITE_P(Level, SparseKernels, supported_levels(), level_name);

TEST_P(SparseKernels, TouchTheIndexedCoordinatesAndNoOther) {
  for (const std::size_t count : {0, 1, 7, 8, 1000}) {
    const std::size_t size = 3 * count + 5;
    std::vector<std::uint32_t> indices;
    for (std::size_t k = 0; k < count; ++k) indices.push_back(std::uint32_t(3 * k + k % 2));
    const Array x = random_array(size, 1), values = random_array(count, 2);
    Array gathered(count), set = copy_of(x.view()), added = copy_of(x.view());
    Array moved = copy_of(x.view()), moved_from = random_array(size, 3);
    gather(x.view(), indices, gathered.view());
    scatter(indices, values.view(), set.view());
    scatter_add(indices, 0.6f, values.view(), added.view());
    scatter_add_difference(indices, 0.6f, values.view(), moved_from.view(), moved.view());

    Array expected_set = copy_of(x.view()), expected_added = copy_of(x.view());
    Array expected_moved = copy_of(x.view());
    for (std::size_t k = 0; k < count; ++k) {
      EXPECT_EQ(gathered[k], x[indices[k]]);
      expected_set[indices[k]] = values[k];
      expected_added[indices[k]] += 0.6f * values[k];
      expected_moved[indices[k]] += 0.6f * (values[k] - moved_from[indices[k]]);
    }
    EXPECT_TRUE(same_bits(set.view(), expected_set.view()));
    EXPECT_TRUE(same_bits(added.view(), expected_added.view()));
    EXPECT_TRUE(same_bits(moved.view(), expected_moved.view()));
  }
}

}  // namespace
}  // namespace kith::kernels
