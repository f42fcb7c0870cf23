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
    Array copied = copy_of(x.view());
    copy_at(indices, moved_from.view(), copied.view());

    Array expected_set = copy_of(x.view()), expected_added = copy_of(x.view());
    Array expected_moved = copy_of(x.view()), expected_copied = copy_of(x.view());
    for (std::size_t k = 0; k < count; ++k) {
      EXPECT_EQ(gathered[k], x[indices[k]]);
      expected_set[indices[k]] = values[k];
      expected_added[indices[k]] += 0.6f * values[k];
      expected_copied[indices[k]] = moved_from[indices[k]];
      expected_moved[indices[k]] += 0.6f * (values[k] - moved_from[indices[k]]);
    }
    EXPECT_TRUE(same_bits(set.view(), expected_set.view()));
    EXPECT_TRUE(same_bits(added.view(), expected_added.view()));
    EXPECT_TRUE(same_bits(moved.view(), expected_moved.view()));
    EXPECT_TRUE(same_bits(copied.view(), expected_copied.view()));
  }
}

TEST_P(SparseKernels, ShiftIndices) {
  std::vector<std::uint32_t> indices{0, 3, 4, 9, 10, 11, 12, 13, 99};
  shift_indices(indices, 7);
  EXPECT_EQ(indices, (std::vector<std::uint32_t>{7, 10, 11, 16, 17, 18, 19, 20, 106}));
}

TEST_P(SparseKernels, SayWhichCoordinatesReachAMagnitude) {
  for (const std::size_t size : {0, 1, 7, 8, 9, 1000}) {
    Array x = random_array(size, 1);
    if (size > 0) x[size - 1] = -0.5f;  // just reaches it
    std::vector<std::uint8_t> bits(sign_bytes(size) + 1, 0xff);
    reach_bits(x.view(), 0.5f, bits.data());
    for (std::size_t i = 0; i < 8 * sign_bytes(size); ++i) {
      EXPECT_EQ(bits[i / 8] >> i % 8 & 1, i < size && std::abs(x[i]) >= 0.5f) << i;
    }
    EXPECT_EQ(bits.back(), 0xff);
  }
}

}  // namespace
}  // namespace kith::kernels
