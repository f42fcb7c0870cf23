#include "dataset/partition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "dataset/fixtures.h"

namespace kith {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// `count` samples; `classes` classes in turn; a column "user" of groups of one, two, three, …
Samples samples_of(std::size_t count, std::int64_t classes) {
  Samples samples({1}, std::vector<float>(count));
  std::uint32_t user = 0, left = 1;
  for (std::size_t i = 0; i < count; ++i) {
    samples.labels.push_back(static_cast<std::int64_t>(i) % classes);
    samples.columns["user"].push_back(user);
    if (--left == 0) left = ++user + 1;
  }
  if (count == 0) samples.columns["user"] = {};
  return samples;
}

Partition deal(const std::string& partition, const Samples& samples, std::int64_t nodes,
               std::uint64_t seed = 1) {
  return deal_samples(partition_of(partition), samples, nodes, seed);
}

std::vector<std::size_t> sizes_of(const Partition& partition) {
  std::vector<std::size_t> sizes;
  for (const auto& own : partition) sizes.push_back(own.size());
  return sizes;
}

class EveryPartition : public ::testing::TestWithParam<const char*> {};

TEST_P(EveryPartition, IsADisjointCoverOfAllSamples) {
  for (const std::size_t count : {0, 1, 5, 97, 500}) {
    const Samples samples = samples_of(count, 10);
    for (const std::int64_t nodes : {1, 2, 7, 64, 600}) {
      const Partition partition = deal(GetParam(), samples, nodes);
      ASSERT_EQ(partition.size(), static_cast<std::size_t>(nodes));
      std::vector<std::uint32_t> all;
      for (const auto& own : partition) all.insert(all.end(), own.begin(), own.end());
      std::ranges::sort(all);
      EXPECT_EQ(all, all_indices(count)) << nodes << " nodes";
    }
  }
}

TEST_P(EveryPartition, IsAFunctionOfTheSeed) {
  const Samples samples = samples_of(300, 10);
  EXPECT_EQ(deal(GetParam(), samples, 8, 5), deal(GetParam(), samples, 8, 5));
}

INSTANTIATE_TEST_SUITE_P(Kinds, EveryPartition,
                         ::testing::Values(R"("iid")", R"("contiguous")",
                                           R"({"type": "shards", "per_node": 1})",
                                           R"({"type": "shards", "per_node": 3})",
                                           R"({"type": "dirichlet", "alpha": 1e-308})",
                                           R"({"type": "dirichlet", "alpha": 1e-6})",
                                           R"({"type": "dirichlet", "alpha": 0.01})",
                                           R"({"type": "dirichlet", "alpha": 0.5})",
                                           R"({"type": "dirichlet", "alpha": 1})",
                                           R"({"type": "dirichlet", "alpha": 1000})",
                                           R"({"type": "dirichlet", "alpha": 1e300})",
                                           R"({"type": "by_column", "column": "user"})"));

TEST(Partition, RandomOnesDifferByRunSeed) {
  const Samples samples = samples_of(300, 10);
  for (const char* kind : {R"("iid")", R"({"type": "shards", "per_node": 2})",
                           R"({"type": "dirichlet", "alpha": 0.5})"}) {
    EXPECT_NE(deal(kind, samples, 8, 1), deal(kind, samples, 8, 2)) << kind;
  }
}

TEST(Partition, ItsOwnSeedGoesBeforeTheRuns) {
  const Samples samples = samples_of(300, 10);
  const std::string with_seed = R"({"type": "iid", "seed": 2})";
  EXPECT_EQ(deal(with_seed, samples, 8, 1), deal(with_seed, samples, 8, 9));
  EXPECT_EQ(deal(with_seed, samples, 8, 1), deal(R"("iid")", samples, 8, 2));
}

TEST(Iid, SizesDifferByAtMostOneAndSamplesAreShuffled) {
  const Partition partition = deal(R"("iid")", samples_of(103, 10), 10);
  EXPECT_THAT(sizes_of(partition), ElementsAre(10, 10, 10, 11, 10, 10, 11, 10, 10, 11));
  EXPECT_FALSE(std::ranges::is_sorted(partition[0]));
}

TEST(Contiguous, KeepsTheOrderOfTheFile) {
  EXPECT_THAT(deal(R"("contiguous")", samples_of(7, 2), 3),
              ElementsAre(ElementsAre(0, 1), ElementsAre(2, 3), ElementsAre(4, 5, 6)));
  EXPECT_THAT(deal(R"("contiguous")", samples_of(1, 2), 2), ElementsAre(IsEmpty(), ElementsAre(0)));
}

std::size_t classes_in(const std::vector<std::uint32_t>& indices, const Samples& samples) {
  std::set<std::int64_t> classes;
  for (const auto i : indices) classes.insert(samples.labels[i]);
  return classes.size();
}

TEST(Shards, ANodeHoldsAtMostAsManyClassesAsShards) {
  const Samples samples = samples_of(2000, 10);  // 200 of a class, 10 in a shard
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    for (const auto& own : deal(R"({"type": "shards", "per_node": 2})", samples, 100, seed)) {
      EXPECT_EQ(own.size(), 20u);
      EXPECT_LE(classes_in(own, samples), 2u);
    }
  }
}

TEST(Shards, AShardThatStraddlesTwoClassesAddsOneClass) {
  const Samples samples = samples_of(1000, 7);
  for (const auto& own : deal(R"({"type": "shards", "per_node": 1})", samples, 100)) {
    EXPECT_EQ(own.size(), 10u);
    EXPECT_LE(classes_in(own, samples), 2u);
  }
}

TEST(Shards, TheMeanNumberOfClassesIsThatOfTwoDrawsWithoutReplacement) {
  const Samples samples = samples_of(2000, 10);
  const double expected = 2 - 19.0 / 199;  // another shard of the same class: 19 of the other 199
  double sum = 0;
  constexpr int kSeeds = 200;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    for (const auto& own : deal(R"({"type": "shards", "per_node": 2})", samples, 100, seed)) {
      sum += static_cast<double>(classes_in(own, samples));
    }
  }
  const double variance = (expected - 1) * (2 - expected) / (100 * kSeeds);
  EXPECT_NEAR(sum / (100 * kSeeds), expected, 4 * std::sqrt(variance));
}

TEST(ByColumn, NeverSplitsAGroup) {
  const Samples samples = samples_of(500, 10);
  const auto& user = samples.columns.at("user");
  std::vector<std::set<std::size_t>> nodes_of(user.back() + 1);
  const Partition partition = deal(R"({"type": "by_column", "column": "user"})", samples, 7);
  for (std::size_t node = 0; node < partition.size(); ++node) {
    for (const auto i : partition[node]) nodes_of[user[i]].insert(node);
  }
  for (const auto& nodes : nodes_of) EXPECT_EQ(nodes.size(), 1u);
}

TEST(ByColumn, TheNextGroupGoesToTheNodeWithFewestSamples) {
  Samples samples({1}, std::vector<float>(9));
  samples.columns["site"] = {5, 5, 5, 2, 7, 7, 5, 2, 0};  // groups 5: 4, 2: 2, 7: 2, 0: 1
  EXPECT_THAT(deal(R"({"type": "by_column", "column": "site"})", samples, 3),
              ElementsAre(ElementsAre(0, 1, 2, 6), ElementsAre(3, 7, 8), ElementsAre(4, 5)));
}

std::string refusal(const std::string& partition, const Samples& samples, std::int64_t nodes = 4) {
  return message_of<ConfigError>([&] { deal(partition, samples, nodes); });
}

TEST(Partition, SaysWhatTheSamplesLack) {
  const Samples bare({1}, {1, 2, 3});
  EXPECT_EQ(refusal(R"({"type": "shards", "per_node": 2})", bare),
            "/dataset/partition: shards are cut by class, and these samples have none; use iid, "
            "contiguous or by_column");
  EXPECT_EQ(refusal(R"({"type": "dirichlet", "alpha": 1})", bare),
            "/dataset/partition: dirichlet deals by class, and these samples have none; use iid, "
            "contiguous or by_column");
  EXPECT_EQ(refusal(R"({"type": "by_column", "column": "user"})", bare),
            "/dataset/partition: by_column needs the column \"user\", which this dataset does not "
            "have; only a table (csv) has columns");
  EXPECT_EQ(refusal(R"({"type": "dirichlet", "alpha": 1, "minimum": 3})", samples_of(11, 2)),
            "/dataset/partition/minimum: 11 samples are too few for 3 on each of 4 nodes");
}

TEST(Partition, RejectsWhatCannotBe) {
  EXPECT_EQ(message_of<ConfigError>([] { partition_of(R"({"type": "dirichlet", "alpha": 0})"); }),
            "run.json: /partition/alpha: must be above 0, got 0");
  EXPECT_EQ(message_of<ConfigError>([] { partition_of(R"("dirichlet")"); }),
            "run.json: /partition: missing \"alpha\" (number above 0): concentration: small for "
            "nodes that differ, large for alike ones");
  EXPECT_EQ(message_of<ConfigError>([] { partition_of(R"({"type": "shards", "per_node": 0})"); }),
            "run.json: /partition/per_node: must be at least 1 and at most 1000, got 0");
  EXPECT_EQ(message_of<ConfigError>([] { partition_of(R"("idd")"); }),
            "run.json: /partition: unknown partition \"idd\"; did you mean \"iid\"? Known: "
            "by_column, contiguous, dirichlet, iid, shards");
}

}  // namespace
}  // namespace kith
