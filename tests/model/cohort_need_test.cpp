#include "model/cohort_need.h"

#include <gtest/gtest.h>

namespace kith {
namespace {

TEST(CohortNeed, KnowsTheLargestThatFits) {
  const CohortNeed need{100, 30};
  EXPECT_EQ(need.largest(99), 0u);
  EXPECT_EQ(need.largest(100), 1u);
  for (const std::uint64_t places : {1, 2, 7, 1000}) {
    EXPECT_EQ(need.largest(need.bytes(places)), places);
    EXPECT_EQ(need.largest(need.bytes(places + 1) - 1), places);
  }
}

TEST(CohortNeed, ChoosesAPowerOfTwoThatLeavesAFifth) {
  const CohortNeed need{100, 30};
  for (const std::uint64_t available : {200, 1000, 3000, 50'000}) {
    const std::int64_t places = need.automatic(available, 100'000);
    if (places == 0) {
      EXPECT_GT(need.bytes(2), available * 4 / 5);
      continue;
    }
    EXPECT_TRUE(std::has_single_bit(static_cast<std::uint64_t>(places)));
    EXPECT_LE(need.bytes(static_cast<std::uint64_t>(places)), available * 4 / 5);
    if (places < 1024) {
      EXPECT_GT(need.bytes(static_cast<std::uint64_t>(2 * places)), available * 4 / 5);
    }
  }
}

TEST(CohortNeed, TakesNoMorePlacesThanThereAreNodes) {
  const CohortNeed need{100, 30};
  EXPECT_EQ(need.automatic(1'000'000, 16), 16);
  EXPECT_EQ(need.automatic(1'000'000, 17), 32);
  EXPECT_EQ(need.automatic(1'000'000, 1), 0);
  EXPECT_EQ(need.automatic(UINT64_MAX, 1'000'000), 1024);
}

}  // namespace
}  // namespace kith
