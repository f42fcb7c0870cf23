#include "model/torch/batch_source.h"

#include "model/torch/network_testing.h"

namespace kith {
namespace {

TEST(BatchSource, GathersTheSameBitsWhereSamplesLieWithTheNetworkAndWhereNot) {
  for (const Data& data : {classes_data({2, 3, 3}, 4, 9), regression_data({5}, 3, 9)}) {
    const BatchSource away(data, {}, 0), resident(data, {}, std::uint64_t{1} << 20);
    EXPECT_FALSE(away.is_resident());
    EXPECT_TRUE(resident.is_resident());
    const std::vector<std::uint32_t> indices{8, 0, 3, 3, 7};
    const Batch expected = away.gather(data.train, indices);
    const Batch found = resident.gather(data.train, indices);
    EXPECT_TRUE(found.features.equal(expected.features));
    EXPECT_TRUE(found.targets.equal(expected.targets));
    EXPECT_EQ(found.features.size(0), 5);
  }
}

TEST(BatchSource, LeavesSamplesOnTheHostThatAreTooMany) {
  const Data data = classes_data({2, 3, 3}, 4, 9);
  const std::uint64_t bytes = 9 * (2 * 3 * 3 * sizeof(float) + sizeof(std::int64_t));
  EXPECT_FALSE(BatchSource(data, {}, bytes - 1).is_resident());
  EXPECT_TRUE(BatchSource(data, {}, bytes).is_resident());
}

}  // namespace
}  // namespace kith
