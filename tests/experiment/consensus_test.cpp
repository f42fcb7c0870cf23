#include "experiment/consensus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "core/device_memory.h"
#include "core/random.h"
#include "kernels/device/device_under_test.h"
#include "kernels/device/played_memory.h"
#include "support/folder.h"
#include "support/processes.h"

namespace kith {
namespace {

constexpr std::size_t kBatch = 256 * 4096;  // numbers whose sums travel together

using Shares = std::vector<std::vector<Uid>>;

/// The vectors of `nodes` nodes, of numbers that no float64 can add without rounding: of all
/// magnitudes, many of which cancel.
std::vector<Array> vectors_of(std::int64_t nodes, std::size_t size) {
  std::vector<Array> vectors;
  for (Uid node = 0; node < nodes; ++node) {
    Random random(3, Purpose::kModel, static_cast<std::uint32_t>(node));
    Array x(size);
    for (std::size_t i = 0; i < size; ++i) {
      const auto number = static_cast<float>(random.normal());
      const std::size_t block = i / 4096;
      const int exponent = block % 3 == 0 ? 0 : static_cast<int>(random.below(60)) - 30;
      if (block % 5 != 4) x[i] = std::ldexp(number, exponent);  // else a block of zeros
    }
    vectors.push_back(std::move(x));
  }
  for (std::size_t i = 0; nodes > 1 && i < size; i += 3) vectors[1][i] = -vectors[0][i];
  return vectors;
}

Task<> work_out(Executor& executor, Group& group, std::int64_t nodes,
                const std::vector<ConstArrayView>& views, bool keep_mean, Consensus& out) {
  Consensus consensus = co_await consensus_of(executor, group, nodes, views, keep_mean);
  out = std::move(consensus);
}

Consensus consensus_in(Group& group, int threads, std::int64_t nodes,
                       const std::vector<ConstArrayView>& views, bool keep_mean) {
  Executor executor({.threads = threads, .woken_from_outside = true});
  Consensus out;
  executor.spawn(0,
                 [&](Fiber&) { return work_out(executor, group, nodes, views, keep_mean, out); });
  executor.run();
  out.mean = host_copy(out.mean.view());
  return out;
}

/// The consensus of all nodes, dealt to processes as `shares` says: distances by node, and the mean
/// as process 0 has it.
Consensus consensus_of_shares(const std::vector<Array>& vectors, const Shares& shares,
                              int threads = 2) {
  const auto nodes = std::ssize(vectors);
  Processes run(shares);
  run.start();
  std::vector<std::future<Consensus>> parts;
  for (int p = 0; p < run.size(); ++p) {
    parts.push_back(std::async(std::launch::async, [&, p] {
      std::vector<ConstArrayView> views;
      for (const Uid uid : shares[std::size_t(p)])
        views.push_back(vectors[std::size_t(uid)].view());
      return consensus_in(run.transport(p).group(), threads, nodes, views, p == 0);
    }));
  }
  Consensus all;
  all.of_node.resize(vectors.size());
  for (std::size_t p = 0; p < shares.size(); ++p) {
    Consensus part = parts[p].get();
    for (std::size_t i = 0; i < shares[p].size(); ++i) {
      all.of_node[static_cast<std::size_t>(shares[p][i])] = part.of_node[i];
    }
    EXPECT_EQ(part.mean.size(), p == 0 ? vectors[0].size() : 0);
    if (p == 0) all.mean = std::move(part.mean);
  }
  return all;
}

Consensus consensus_alone(const std::vector<Array>& vectors, int threads) {
  std::vector<ConstArrayView> views;
  for (const Array& x : vectors) views.push_back(x.view());
  Alone alone;
  return consensus_in(alone, threads, std::ssize(vectors), views, true);
}

void expect_same_bits(const Consensus& got, const Consensus& want) {
  ASSERT_EQ(got.of_node.size(), want.of_node.size());
  for (std::size_t i = 0; i < got.of_node.size(); ++i) {
    EXPECT_EQ(std::bit_cast<std::uint64_t>(got.of_node[i]),
              std::bit_cast<std::uint64_t>(want.of_node[i]))
        << i;
  }
  ASSERT_EQ(got.mean.size(), want.mean.size());
  for (std::size_t i = 0; i < got.mean.size(); ++i) {
    ASSERT_EQ(std::bit_cast<std::uint32_t>(got.mean[i]), std::bit_cast<std::uint32_t>(want.mean[i]))
        << i;
  }
}

TEST(ConsensusOfProcesses, IsTheSameBitsHoweverTheNodesAreDealt) {
  for (const std::size_t size :
       {std::size_t{1}, std::size_t{4095}, std::size_t{4097}, std::size_t{50'000}}) {
    const std::vector<Array> vectors = vectors_of(7, size);
    const Consensus one = consensus_alone(vectors, 1);
    expect_same_bits(consensus_alone(vectors, 3), one);
    for (const Shares& shares : {Shares{{0, 1, 2, 3, 4, 5, 6}}, Shares{{0}, {1, 2, 3, 4, 5, 6}},
                                 Shares{{2, 3, 5}, {0, 1, 4, 6}}, Shares{{6}, {0, 5}, {1, 2, 3, 4}},
                                 Shares{{0}, {1}, {2}, {3}, {4}, {5}, {6}}}) {
      SCOPED_TRACE(std::to_string(size) + " numbers, " + std::to_string(shares.size()) +
                   " processes");
      expect_same_bits(consensus_of_shares(vectors, shares), one);
    }
  }
}

TEST(ConsensusOfProcesses, IsTheSameBitsForModelsOfSeveralBatches) {
  const std::vector<Array> vectors = vectors_of(4, 2 * kBatch + 4096 + 17);
  const Consensus one = consensus_alone(vectors, 2);
  expect_same_bits(consensus_of_shares(vectors, {{3}, {0, 1, 2}}), one);
  expect_same_bits(consensus_of_shares(vectors, {{0, 1}, {2}, {3}}), one);
}

TEST(ConsensusOfProcesses, IsWhatItSays) {
  const std::size_t size = 10'000;
  const std::vector<Array> vectors = vectors_of(5, size);
  const Consensus consensus = consensus_of_shares(vectors, {{0, 3}, {1}, {2, 4}});
  std::vector<long double> mean(size);
  for (const Array& x : vectors) {
    for (std::size_t i = 0; i < size; ++i) mean[i] += static_cast<long double>(x[i]) / 5;
  }
  for (std::size_t node = 0; node < vectors.size(); ++node) {
    long double distance = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const long double offset = vectors[node][i] - mean[i];
      distance += offset * offset;
    }
    EXPECT_NEAR(consensus.of_node[node] / static_cast<double>(distance), 1, 1e-12) << node;
  }
  for (std::size_t i = 0; i < size; ++i) {
    const auto exact = static_cast<double>(mean[i]);
    EXPECT_NEAR(consensus.mean[i], exact, std::abs(exact) * 6e-8 + 1e-15) << i;
  }
}

TEST(ConsensusOfProcesses, IsZeroWhereAllAgree) {
  std::vector<Array> vectors(6);
  for (Array& x : vectors) {
    x = Array(5000);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = 0.1F * static_cast<float>(i);
  }
  for (const double distance : consensus_of_shares(vectors, {{0, 1}, {2, 3, 4}, {5}}).of_node) {
    EXPECT_EQ(distance, 0);
  }
}

/// Card k of the device that is played.
Device card(int k) {
  Device device = kernels::device_under_test().device;
  device.index = k;
  return device;
}

/// The same vectors, that of node i on device_of(i).
template <class DeviceOf>
std::vector<Array> moved(const std::vector<Array>& vectors, const DeviceOf& device_of) {
  std::vector<Array> there;
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    Array& x = there.emplace_back(vectors[i].size(), device_of(i));
    copy(vectors[i].view(), x.view());
  }
  return there;
}

// A process with few nodes has the host work on them, one with many the device.
const Shares kSharesOfFourteen[] = {{{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13}},
                                    {{0, 1, 2, 3, 4, 5, 6}, {7, 8, 9, 10, 11, 12, 13}},
                                    {{9}, {0, 1, 3, 4, 5, 6, 7}, {2, 8, 10, 11, 12, 13}}};

TEST(ConsensusOnADevice, IsThatOfTheHostInOneProcessAndInSeveral) {
  for (const std::size_t size :
       {std::size_t{1}, std::size_t{4095}, std::size_t{4097}, std::size_t{50'000}}) {
    const std::vector<Array> vectors = vectors_of(14, size);
    const Consensus want = consensus_alone(vectors, 2);
    const std::vector<Array> there = moved(vectors, [](std::size_t) { return card(0); });
    expect_same_bits(consensus_alone(there, 1), want);
    for (const Shares& shares : kSharesOfFourteen) {
      SCOPED_TRACE(std::to_string(size) + " numbers, " + std::to_string(shares.size()) +
                   " processes");
      expect_same_bits(consensus_of_shares(there, shares), want);
    }
  }
}

TEST(ConsensusOnADevice, IsThatOfTheHostWhateverLiesWhere) {
  const std::vector<Array> vectors = vectors_of(14, 30'000);
  const Consensus want = consensus_alone(vectors, 2);
  const auto two_cards = moved(vectors, [](std::size_t i) { return card(i % 2 == 0 ? 0 : 1); });
  const auto card_and_host =
      moved(vectors, [](std::size_t i) { return i < 7 ? card(0) : Device{}; });
  const auto all = moved(vectors, [](std::size_t i) {
    return i == 3 ? Device{} : i < 10 ? card(1) : card(0);
  });
  for (const std::vector<Array>* there : {&two_cards, &card_and_host, &all}) {
    expect_same_bits(consensus_alone(*there, 2), want);
    for (const Shares& shares : kSharesOfFourteen) {
      expect_same_bits(consensus_of_shares(*there, shares), want);
    }
  }
}

TEST(ConsensusOnADevice, IsOfNobodyWhereANumberIsNotFinite) {
  constexpr std::size_t kFirstOfLastBlock = 8192;
  for (const float bad : {std::numeric_limits<float>::infinity(), std::nanf("")}) {
    std::vector<Array> here = vectors_of(14, 9000);
    here[3][8999] = bad;
    const std::vector<Array> there = moved(here, [](std::size_t) { return card(0); });
    for (const auto* const vectors : {&std::as_const(here), &there}) {
      for (const Shares& shares : kSharesOfFourteen) {
        const Consensus consensus = consensus_of_shares(*vectors, shares);
        for (const double distance : consensus.of_node) EXPECT_TRUE(std::isnan(distance));
        for (std::size_t i = 0; i < consensus.mean.size(); ++i) {
          ASSERT_EQ(std::isnan(consensus.mean[i]), i >= kFirstOfLastBlock) << i;
        }
      }
    }
  }
}

TEST(ConsensusOnADevice, IsThatOfTheHostForModelsOfSeveralBatches) {
  const std::vector<Array> vectors = vectors_of(7, kBatch + 4096 + 17);
  const Consensus want = consensus_alone(vectors, 2);
  const auto there = moved(vectors, [](std::size_t) { return card(0); });
  expect_same_bits(consensus_alone(there, 2), want);
  expect_same_bits(consensus_of_shares(there, {{0, 1, 2, 3, 4, 5}, {6}}), want);
}

/// What a device is asked for meanwhile.
struct Asked {
  std::size_t launches, reads, bytes_off, bytes_on;
  bool operator==(const Asked&) const = default;
  friend void PrintTo(const Asked& asked, std::ostream* out) {
    *out << asked.launches << " launches, " << asked.reads << " reads, " << asked.bytes_off
         << " bytes off, " << asked.bytes_on << " on";
  }
};

template <class F>
Asked asked_by(const F& f) {
  const auto now = [] {
    const PlayedCounts& counts = played_counts();
    return Asked{counts.launches, counts.reads, counts.bytes_off, counts.bytes_on};
  };
  const Asked before = now();
  f();
  const Asked after = now();
  return {after.launches - before.launches, after.reads - before.reads,
          after.bytes_off - before.bytes_off, after.bytes_on - before.bytes_on};
}

Task<> only_work_out(Executor& executor, Group& group, const std::vector<ConstArrayView>& views) {
  Consensus consensus = co_await consensus_of(executor, group, std::ssize(views), views, true);
}

TEST(ConsensusOnADevice, IsFourLaunchesAndTwoReadsABatchAndNoVectorCrossesTheBus) {
  for (const auto& [size, batches] :
       {std::pair{std::size_t{61'706}, std::size_t{1}}, std::pair{kBatch + 5, std::size_t{2}}}) {
    constexpr std::size_t kNodes = 16;
    const auto there = moved(vectors_of(kNodes, size), [](std::size_t) { return card(0); });
    std::vector<ConstArrayView> views;
    for (const Array& x : there) views.push_back(x.view());
    Alone alone;
    Executor executor({.threads = 2});
    executor.spawn(0, [&](Fiber&) { return only_work_out(executor, alone, views); });
    // A magnitude, with what else a device finds beside it, and a distance.
    const std::size_t blocks = (size + 4095) / 4096;
    EXPECT_EQ(asked_by([&] { executor.run(); }),
              (Asked{4 * batches, 2 * batches, 16 * blocks * kNodes, 0}));
  }
}

TEST(ConsensusOnADevice, BringsSumsOrVectorsToTheHostWhicheverAreLess) {
  constexpr std::size_t kSize = 10 * 4096;
  const std::vector<Array> vectors = vectors_of(14, kSize);
  const auto there = moved(vectors, [](std::size_t) { return card(0); });
  // Seven nodes' sums, and five nodes' vectors; those of the test itself are on the host.
  EXPECT_EQ(asked_by([&] {
              consensus_of_shares(there, {{0, 1, 2, 3, 4, 5, 6}, {7, 8, 9, 10, 11, 12, 13}});
            }),
            (Asked{2 * 3, 2 * 2, 2 * (16 * kSize + 16 * 10 * 7), 2 * 8 * kSize}));
  EXPECT_EQ(asked_by([&] {
              consensus_of_shares(there, {{0, 1, 2, 3, 4}, {5, 6, 7, 8, 9}, {10, 11, 12, 13}});
            }),
            (Asked{0, 0, 14 * 4 * kSize, 0}));
}

TEST(ConsensusOfProcesses, RefusesSumsOfAnotherSize) {
  const std::vector<Array> vectors = vectors_of(2, 5000);
  Processes run = Processes(Shares{{0}, {1}});
  run.start();
  run.transport(1).group().post(0, Bytes(3));
  const std::vector<ConstArrayView> views{vectors[0].view()};
  EXPECT_EQ(message_of<Error>([&] { consensus_in(run.transport(0).group(), 1, 2, views, false); }),
            "node 0, round 0: a process sent sums of 3 bytes, not 8");
}

}  // namespace
}  // namespace kith
