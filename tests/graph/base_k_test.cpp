#include "graph/schedule_testing.h"

namespace kith {
namespace {

std::unique_ptr<Schedule> base_k(std::int64_t n, std::int64_t k, bool simple = false) {
  return make_graph(
      R"({"type": "base_k", "k": )" + std::to_string(k) + (simple ? R"(, "simple": true})" : "}"),
      n);
}

TEST(BaseK, AveragesExactlyOverAPeriodForAnyNumberOfNodes) {
  for (std::int64_t k = 1; k <= 5; ++k) {
    for (std::int64_t n = 1; n <= 128; ++n) {
      const auto schedule = base_k(n, k);
      ASSERT_LT(product(*schedule, schedule->period()).distance_from_average(), 1e-13)
          << n << " nodes, k " << k;
    }
  }
}

TEST(BaseK, KeepsItsPromisesOfDegreeAndLength) {
  for (std::int64_t k = 1; k <= 5; ++k) {
    for (std::int64_t n = 1; n <= 128; ++n) {
      const auto schedule = base_k(n, k);
      ASSERT_LE(largest_degree(*schedule, schedule->period()), k) << n << " nodes, k " << k;
      ASSERT_LE(double(schedule->period()), 2 * std::log(n) / std::log(k + 1) + 2 + 1e-9)
          << n << " nodes, k " << k;
    }
  }
}

TEST(BaseK, IsExactForTheSimpleGraphToo) {
  for (std::int64_t k = 1; k <= 5; ++k) {
    for (const std::int64_t n : {6, 11, 22, 26, 31, 38, 69, 77}) {
      const auto schedule = base_k(n, k, true);
      EXPECT_LT(product(*schedule, schedule->period()).distance_from_average(), 1e-13)
          << n << " nodes, k " << k;
      EXPECT_GE(schedule->period(), base_k(n, k)->period());
    }
  }
}

TEST(BaseK, TakesAsManyRoundsAsTheTableSays) {
  const std::int64_t rounds[] = {9, 6, 5, 2};  // of 25 nodes, for k = 1..4
  for (std::int64_t k = 1; k <= 4; ++k) EXPECT_EQ(base_k(25, k)->period(), rounds[k - 1]);
  EXPECT_EQ(base_k(6, 1)->period(), 4);
  EXPECT_EQ(base_k(6, 1, true)->period(), 5);
  EXPECT_EQ(base_k(100'000, 1)->period(), 28);  // 3,125 = 2^11 + … nodes: 11 + 1 + 11; then 2^5
}

TEST(BaseK, AveragesInOneRoundWhereAllMayBeNeighbors) {
  for (const std::int64_t k : {4, 5, 1'000'000}) {
    const auto schedule = base_k(5, k);
    EXPECT_EQ(schedule->period(), 1);
    EXPECT_EQ(largest_degree(*schedule, 1), 4);
  }
  EXPECT_EQ(make_graph(R"({"type": "hyper_hypercube", "k": 9223372036854775807})", 7)->period(), 1);
}

TEST(BaseK, IsTheSimpleGraphOfThreeNodesTwiceAndThenAcrossForSix) {
  const auto schedule = base_k(6, 1);
  const Neighborhood linked = schedule->neighborhood(4, 1);
  ASSERT_EQ(linked.senders.size(), 1u);
  EXPECT_EQ(linked.senders[0].uid, 5);
  EXPECT_NEAR(linked.senders[0].weight, 2.0 / 3, 1e-16);
  EXPECT_NEAR(linked.self_weight, 1.0 / 3, 1e-16);
  EXPECT_EQ(schedule->neighborhood(3, 2).receivers, std::vector<Uid>({4}));
  EXPECT_EQ(schedule->neighborhood(5, 3).receivers, std::vector<Uid>({2}));
}

TEST(BaseK, StaysExactWithManyNodes) {
  constexpr Uid kNodes = 10'007;  // a prime
  const auto schedule = base_k(kNodes, 2);
  std::vector<double> x(kNodes), y(kNodes);
  double mean = 0;
  for (Uid i = 0; i < kNodes; ++i) mean += (x[std::size_t(i)] = std::sin(i)) / kNodes;
  for (Round t = 0; t < schedule->period(); ++t) {
    for (Uid i = 0; i < kNodes; ++i) {
      const Neighborhood at = schedule->neighborhood(i, t);
      double sum = at.self_weight * x[std::size_t(i)];
      for (const auto& [j, weight] : at.senders) sum += weight * x[std::size_t(j)];
      y[std::size_t(i)] = sum;
    }
    std::swap(x, y);
  }
  for (const double value : x) ASSERT_NEAR(value, mean, 1e-13);
}

TEST(HyperHypercube, AveragesExactlyInAsFewRoundsAsThereAreFactors) {
  struct Case {
    std::int64_t n, k;
    Round rounds;
  };
  const Case cases[] = {{8, 1, 3},  {12, 2, 3},  {12, 3, 2},   {36, 5, 2}, {30, 5, 2},
                        {24, 5, 2}, {100, 9, 2}, {100, 10, 2}, {97, 96, 1}};
  for (const auto& [n, k, rounds] : cases) {
    const auto schedule =
        make_graph(R"({"type": "hyper_hypercube", "k": )" + std::to_string(k) + '}', n);
    EXPECT_EQ(schedule->period(), rounds) << n << " nodes, k " << k;
    EXPECT_LE(largest_degree(*schedule, rounds), k);
    for (Round first = 0; first < rounds; ++first) {
      EXPECT_LT(product(*schedule, rounds, first).distance_from_average(), 1e-15);
    }
  }
}

}  // namespace
}  // namespace kith
