#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <set>

#include "core/text.h"
#include "dataset/fixtures.h"
#include "support/source_folder.h"

namespace kith {
namespace {

constexpr std::size_t kPerClass = 2000;
constexpr std::size_t kClasses = 2;
constexpr std::uint64_t kSeeds = 300;

/// Enough samples of two classes that shares are not rounded much.
Samples two_classes() {
  Samples samples({1}, std::vector<float>(kClasses * kPerClass));
  for (std::size_t i = 0; i < samples.size(); ++i) samples.labels.push_back(i % kClasses);
  return samples;
}

/// A mean with its standard error.
struct Estimate {
  double sum = 0, squares = 0, count = 0;

  void add(double value) {
    sum += value;
    squares += value * value;
    ++count;
  }
  double mean() const { return sum / count; }
  double error() const { return std::sqrt((squares / count - mean() * mean()) / count); }
};

/// Of the part of a class that a node gets.
struct Moments {
  Estimate variance;        // of node 0's share, about 1/n
  Estimate first_share;     // of node 0
  Estimate last_share;      // of node n-1
  Estimate sum_of_squares;  // over the nodes
};

Moments measure(double alpha, std::size_t n) {
  const Samples samples = two_classes();
  const auto partition =
      partition_of(R"({"type": "dirichlet", "alpha": )" + json_number(alpha) + "}");
  Moments moments;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const Partition dealt = deal_samples(partition, samples, static_cast<std::int64_t>(n), seed);
    std::vector<std::array<double, kClasses>> share(n);
    for (std::size_t node = 0; node < n; ++node) {
      for (const auto i : dealt[node]) share[node][i % kClasses] += 1.0 / kPerClass;
    }
    for (std::size_t c = 0; c < kClasses; ++c) {
      double squares = 0;
      for (std::size_t node = 0; node < n; ++node) squares += share[node][c] * share[node][c];
      moments.sum_of_squares.add(squares);
      moments.first_share.add(share[0][c]);
      moments.last_share.add(share[n - 1][c]);
      moments.variance.add(std::pow(share[0][c] - 1.0 / static_cast<double>(n), 2));
    }
  }
  return moments;
}

void expect_near(const Estimate& estimate, double expected) {
  // Rounding a share to whole samples moves its square by less than this.
  constexpr double kRounding = 1e-6;
  EXPECT_NEAR(estimate.mean(), expected, 4 * estimate.error() + kRounding);
}

TEST(Dirichlet, HasTheMomentsOfADirichletDistribution) {
  for (const double alpha : {0.1, 1.0}) {
    for (const std::size_t nodes : {8, 16}) {
      SCOPED_TRACE("alpha " + json_number(alpha) + ", n " + std::to_string(nodes));
      const auto n = static_cast<double>(nodes);
      const double variance = (1 / n) * (1 - 1 / n) / (n * alpha + 1);
      const Moments moments = measure(alpha, nodes);
      expect_near(moments.first_share, 1 / n);
      expect_near(moments.last_share, 1 / n);
      expect_near(moments.variance, variance);
      expect_near(moments.sum_of_squares, n * (variance + 1 / (n * n)));
    }
  }
}

TEST(Dirichlet, AgreesWithTheTableOfMoments) {
  const std::filesystem::path table = source_folder() / "../shared/oracles/partitions.json";
  if (!std::filesystem::exists(table)) {
    GTEST_SKIP() << "NOT CHECKED: " << table << " is absent; only the closed forms are checked";
  }
  const Config class_wise = Config::load(table).at("class_wise");
  int compared = 0;
  for (const auto& name : class_wise.names()) {
    SCOPED_TRACE(name);
    double alpha = 0;
    int nodes = 0;
    ASSERT_EQ(std::sscanf(name.c_str(), "alpha=%lf,n=%d", &alpha, &nodes), 2);
    if (nodes == 100) continue;  // shares of a few samples are rounded too much
    const Config expected = class_wise.at(name);
    const Moments moments = measure(alpha, static_cast<std::size_t>(nodes));
    expect_near(moments.first_share, expected.at("E_share").to_number());
    expect_near(moments.variance, expected.at("Var_share").to_number());
    expect_near(moments.sum_of_squares, expected.at("E_sum_p2").to_number());
    ++compared;
  }
  EXPECT_EQ(compared, 10);
}

TEST(Dirichlet, InTheLimitOfSmallAlphaAClassLiesOnOneNode) {
  const Samples samples = two_classes();
  for (const char* alpha : {"1e-6", "1e-100", "1e-320"}) {
    const auto partition =
        partition_of(std::string(R"({"type": "dirichlet", "alpha": )") + alpha + "}");
    std::set<std::size_t> owners;
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
      const Partition dealt = deal_samples(partition, samples, 10, seed);
      std::size_t holders = 0;
      for (std::size_t node = 0; node < dealt.size(); ++node) {
        EXPECT_EQ(dealt[node].size() % kPerClass, 0u);
        if (!dealt[node].empty()) owners.insert(node);
        holders += !dealt[node].empty();
      }
      EXPECT_LE(holders, kClasses);
    }
    EXPECT_EQ(owners.size(), 10u) << "every node is the one sometimes";
  }
}

TEST(Dirichlet, InTheLimitOfLargeAlphaAllNodesAreAlike) {
  const Partition dealt =
      deal_samples(partition_of(R"({"type": "dirichlet", "alpha": 1e9})"), two_classes(), 10, 1);
  for (const auto& own : dealt) EXPECT_NEAR(static_cast<double>(own.size()), 400, 2);
}

TEST(Dirichlet, TheMinimumIsTakenFromTheLargestNodes) {
  const Samples samples = two_classes();
  const auto without =
      deal_samples(partition_of(R"({"type": "dirichlet", "alpha": 0.01})"), samples, 20, 3);
  const auto with = deal_samples(
      partition_of(R"({"type": "dirichlet", "alpha": 0.01, "minimum": 50})"), samples, 20, 3);
  std::size_t smallest_giver = samples.size(), largest_before = 0, total = 0;
  for (std::size_t node = 0; node < 20; ++node) {
    EXPECT_GE(with[node].size(), 50u);
    EXPECT_TRUE(without[node].size() >= 50 || with[node].size() == 50);
    if (with[node].size() < without[node].size()) {
      smallest_giver = std::min(smallest_giver, with[node].size());
    } else {
      largest_before = std::max(largest_before, without[node].size());
    }
    total += with[node].size();
  }
  EXPECT_EQ(total, samples.size());
  EXPECT_GE(smallest_giver + 1, largest_before) << "only the largest nodes give";
}

TEST(Dirichlet, TheMinimumCanTakeEverySample) {
  Samples samples({1}, std::vector<float>(40));
  samples.labels.assign(40, 0);
  const auto dealt = deal_samples(
      partition_of(R"({"type": "dirichlet", "alpha": 1e-3, "minimum": 4})"), samples, 10, 1);
  for (const auto& own : dealt) EXPECT_EQ(own.size(), 4u);
}

}  // namespace
}  // namespace kith
