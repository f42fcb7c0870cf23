#include "node/relay_sum.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/folder.h"
#include "support/relay_tree.h"
#include "support/state_copy.h"

namespace kith {
namespace {

// In floats that add without rounding: every node has a coordinate of its own.
TEST(RelaySum, CountsEachContributionOnceAfterOneRoundLessThanItsHops) {
  constexpr std::size_t kNodes = 15;
  RelayTree tree("binary_tree", kNodes, kNodes);
  const auto chosen = Schedule::registry().standard("binary_tree");
  const auto schedule = chosen.make({kNodes, 1, &chosen.common()});
  std::vector<std::vector<Round>> hops(kNodes, std::vector<Round>(kNodes, 99));
  for (std::size_t i = 0; i < kNodes; ++i) hops[i][i] = 0;
  for (std::size_t pass = 0; pass < kNodes; ++pass) {
    for (std::size_t i = 0; i < kNodes; ++i) {
      for (const Uid k : schedule->neighborhood(Uid(i), 0).receivers) {
        for (std::size_t j = 0; j < kNodes; ++j) {
          hops[i][j] = std::min(hops[i][j], hops[std::size_t(k)][j] + 1);
        }
      }
    }
  }
  for (Round t = 0; t < 12; ++t) {
    std::vector<Array> own;
    for (std::size_t j = 0; j < kNodes; ++j) {
      own.emplace_back(kNodes)[j] = static_cast<float>(t + 1);  // so that no round looks like none
    }
    tree.round(own);
    for (std::size_t i = 0; i < kNodes; ++i) {
      std::int64_t count = 0;
      for (std::size_t j = 0; j < kNodes; ++j) {
        float got = own[i][j];
        for (const ConstArrayView m : tree.sums[i].heard()) got += m.data[j];
        const Round said = t - std::max<Round>(hops[i][j] - 1, 0);
        EXPECT_EQ(got, said < 0 ? 0.0f : static_cast<float>(said + 1))
            << "round " << t << ", of node " << j << " at node " << i;
        count += said >= 0;
      }
      EXPECT_EQ(tree.sums[i].count(), count);
    }
  }
}

TEST(RelaySum, ResumesFromItsState) {
  RelayTree one("binary_tree", 7, 1), other("binary_tree", 7, 1);
  for (int t = 0; t < 5; ++t) one.round(numbers(7, t));
  for (std::size_t i = 0; i < 7; ++i) {
    StateCopy copy;
    one.sums[i].walk_state(copy, "relay");
    EXPECT_EQ(copy.vectors.size(), one.sums[i].neighbors().size());
    copy.restores = true;
    other.sums[i].walk_state(copy, "relay");
  }
  const auto own = numbers(7, 5);
  one.round(own);
  other.round(own);
  for (std::size_t i = 0; i < 7; ++i) {
    EXPECT_EQ(sum_at(one.sums[i], own[i]), sum_at(other.sums[i], own[i]));
    EXPECT_EQ(one.sums[i].count(), other.sums[i].count());
  }
}

TEST(RelaySum, RefusesWhatNoNodeOfTheTreeCanHaveTold) {
  RelaySum sum({3}, 2);
  const auto refusal = [&](std::vector<float> told) {
    const auto message = std::make_shared<Array>(told.size());
    std::ranges::copy(told, message->data());
    const std::vector<Message> one{{3, 0, 0, Body(Slot(message))}};
    return message_of<PeerError>([&] { sum.hear(one, 5); });
  };
  EXPECT_EQ(refusal({1, 2}), "node 3 sent a relay of 2 numbers, not 3");
  EXPECT_EQ(refusal({1, 2, 0}), "node 3 sent a relay of 0 nodes, which is not from 1 to 4");
  EXPECT_EQ(refusal({1, 2, 5}), "node 3 sent a relay of 5 nodes, which is not from 1 to 4");
  EXPECT_EQ(refusal({1, 2, 1.5}), "node 3 sent a relay of 1.5 nodes, which is not from 1 to 4");
  EXPECT_EQ(refusal({1, 2, NAN}), "node 3 sent a relay of null nodes, which is not from 1 to 4");
  EXPECT_EQ(refusal({1, 2, 4}), "no error");
}

}  // namespace
}  // namespace kith
