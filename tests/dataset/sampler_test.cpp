#include "dataset/sampler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace kith {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using Indices = std::vector<std::uint32_t>;
using Order = Sampler::Order;

const Indices kPartition{3, 1, 4, 15, 9, 2, 6};

Indices next(Sampler& sampler) {
  const auto batch = sampler.next();
  return {batch.begin(), batch.end()};
}

/// The batches of one epoch, one after the other.
Indices epoch(Sampler& sampler) {
  Indices all;
  for (std::int64_t i = 0; i < sampler.batches_per_epoch(); ++i) {
    const auto batch = sampler.next();
    all.insert(all.end(), batch.begin(), batch.end());
  }
  return all;
}

TEST(Sampler, EveryEpochIsANewOrderOfThePartition) {
  for (const std::int64_t batch_size : {1, 2, 3, 7, 100}) {
    Sampler sampler(kPartition, batch_size, Order::kEpoch, 1, 0);
    std::set<Indices> orders;
    for (int i = 0; i < 20; ++i) {
      const Indices order = epoch(sampler);
      EXPECT_TRUE(std::ranges::is_permutation(order, kPartition));
      orders.insert(order);
    }
    EXPECT_GT(orders.size(), 15u);
  }
}

TEST(Sampler, AnEpochEndsWithAShortBatch) {
  Sampler sampler(kPartition, 3, Order::kEpoch, 1, 0);
  EXPECT_EQ(sampler.batches_per_epoch(), 3);
  std::vector<std::size_t> sizes;
  for (int i = 0; i < 6; ++i) sizes.push_back(next(sampler).size());
  EXPECT_THAT(sizes, ElementsAre(3, 3, 1, 3, 3, 1));
}

TEST(Sampler, ABatchContinuesWhereTheLastRoundStopped) {
  Sampler in_rounds(kPartition, 2, Order::kEpoch, 1, 0),
      at_once(kPartition, 2, Order::kEpoch, 1, 0);
  for (Round round = 0; round < 30; ++round) {
    in_rounds.begin_round(round);
    EXPECT_EQ(next(in_rounds), next(at_once));
  }
}

TEST(Sampler, TheOrderOfAnEpochDoesNotDependOnTheBatchSize) {
  Sampler one(kPartition, 1, Order::kEpoch, 1, 0), three(kPartition, 3, Order::kEpoch, 1, 0);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(epoch(one), epoch(three));
}

TEST(Sampler, IsReproducibleAndDiffersByNodeAndSeed) {
  const auto order = [](std::uint64_t seed, Uid node) {
    Sampler sampler(kPartition, 7, Order::kEpoch, seed, node);
    return next(sampler);
  };
  EXPECT_EQ(order(1, 0), order(1, 0));
  EXPECT_NE(order(1, 0), order(1, 1));
  EXPECT_NE(order(1, 0), order(2, 0));
}

TEST(Sampler, ByRoundABatchIsAFunctionOfTheRound) {
  Sampler from_the_start(kPartition, 3, Order::kRound, 1, 0);
  for (Round round = 0; round < 10; ++round) {
    from_the_start.begin_round(round);
    Sampler from_here(kPartition, 3, Order::kRound, 1, 0);
    from_here.begin_round(round);
    // More than an epoch: the second order of a round too.
    for (int i = 0; i < 5; ++i) EXPECT_EQ(next(from_the_start), next(from_here));
  }
}

TEST(Sampler, ByRoundEveryRoundAndEveryEpochInItIsANewOrder) {
  Sampler sampler(kPartition, 3, Order::kRound, 1, 0);
  std::set<Indices> orders;
  for (Round round = 0; round < 10; ++round) {
    sampler.begin_round(round);
    for (int k = 0; k < 2; ++k) {
      const Indices order = epoch(sampler);
      EXPECT_TRUE(std::ranges::is_permutation(order, kPartition));
      orders.insert(order);
    }
    sampler.next();  // leaves an order unfinished
  }
  EXPECT_GT(orders.size(), 15u);
}

TEST(Sampler, SizeZeroIsTheWholePartitionInItsOwnOrder) {
  Sampler sampler(kPartition, 0, Order::kEpoch, 1, 0);
  EXPECT_EQ(sampler.batches_per_epoch(), 1);
  for (int i = 0; i < 3; ++i) EXPECT_THAT(next(sampler), ElementsAreArray(kPartition));
}

TEST(Sampler, APartitionSmallerThanABatchGivesItsSize) {
  Sampler sampler(kPartition, 8, Order::kEpoch, 1, 0);
  EXPECT_EQ(sampler.batches_per_epoch(), 1);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(next(sampler).size(), kPartition.size());
}

TEST(Sampler, AnEmptyPartitionHasNoBatches) {
  for (const auto order : {Order::kEpoch, Order::kRound}) {
    for (const std::int64_t batch_size : {0, 4}) {
      Sampler sampler({}, batch_size, order, 1, 0);
      sampler.begin_round(0);
      EXPECT_EQ(sampler.batches_per_epoch(), 0);
      EXPECT_TRUE(sampler.next().empty());
      EXPECT_TRUE(sampler.next().empty());
    }
  }
}

TEST(Sampler, EveryOrderIsEquallyLikely) {
  const Indices three{0, 1, 2};
  std::map<Indices, int> counts;
  Sampler sampler(three, 3, Order::kEpoch, 1, 0);
  for (int i = 0; i < 6000; ++i) ++counts[next(sampler)];
  ASSERT_EQ(counts.size(), 6u);
  for (const auto& [order, count] : counts) EXPECT_NEAR(count, 1000, 4 * 29);
}

}  // namespace
}  // namespace kith
