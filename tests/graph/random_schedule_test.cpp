#include <map>
#include <numeric>

#include "graph/round_random.h"
#include "graph/schedule_testing.h"

namespace kith {
namespace {

struct Law {
  const char* graph;
  std::int64_t nodes;
  double contraction;  // E‖W x‖² / ‖x‖² where Σ x = 0
};

class Contraction : public ::testing::TestWithParam<Law> {};

TEST_P(Contraction, IsThatOfItsLaw) {
  constexpr int kDraws = 2'500;
  const auto& [graph, n, expected] = GetParam();
  const auto schedule = make_graph(graph, n);
  std::vector<double> x(static_cast<std::size_t>(n));
  Random random(1, Purpose::kModel);
  for (double& value : x) value = random.normal();
  const double mean = std::accumulate(x.begin(), x.end(), 0.0) / double(n);
  double norm = 0;
  for (double& value : x) {
    value -= mean;
    norm += value * value;
  }

  double sum = 0, squares = 0;
  for (Round t = 0; t < kDraws; ++t) {
    double left = 0;
    for (Uid i = 0; i < n; ++i) {
      const Neighborhood at = schedule->neighborhood(i, t);
      double y = at.self_weight * x[std::size_t(i)];
      for (const auto& [j, weight] : at.senders) y += weight * x[std::size_t(j)];
      left += y * y / norm;
    }
    sum += left;
    squares += left * left;
  }
  const double found = sum / kDraws;
  const double deviation = std::sqrt((squares / kDraws - found * found) / kDraws);
  EXPECT_NEAR(found, expected, 4 * deviation);
  EXPECT_LT(deviation, 0.02);
}

const Law kLaws[] = {
    {R"("random_matching")", 4, 1.0 / 3},
    {R"("random_matching")", 8, 3.0 / 7},
    {R"("random_matching")", 16, 7.0 / 15},
    {R"({"type": "random_regular", "degree": 3})", 8, 1.0 / 7},
    {R"({"type": "random_regular", "degree": 4})", 16, 0.14666666666666667},
    {R"({"type": "epidemic", "degree": 1})", 8, 0.565785705352188},
    {R"({"type": "epidemic", "degree": 2})", 16, 0.38268052879169484},
    {R"({"type": "epidemic", "degree": 4})", 16, 0.18158444199713897},
    {R"({"type": "equidyn", "directed": true})", 4, 0.375},
    {R"({"type": "equidyn", "directed": true})", 16, 0.46875},
    {R"({"type": "equidyn", "directed": true, "eta": 1})", 8, 0.75},
};

INSTANTIATE_TEST_SUITE_P(Laws, Contraction, ::testing::ValuesIn(kLaws),
                         [](const auto& info) { return std::to_string(info.index); });

TEST(RandomMatching, DrawsEveryMatchingEquallyOften) {
  constexpr int kDraws = 3'000;
  const auto schedule = make_graph(R"("random_matching")", 6);
  std::map<std::vector<Uid>, int> counts;
  for (Round t = 0; t < kDraws; ++t) {
    std::vector<Uid> peers;
    for (Uid i = 0; i < 6; ++i) peers.push_back(schedule->neighborhood(i, t).receivers.at(0));
    ++counts[peers];
  }
  ASSERT_EQ(counts.size(), 15u);
  double chi = 0;
  for (const auto& [peers, count] : counts) chi += (count - 200.0) * (count - 200.0) / 200;
  EXPECT_LT(chi, 36.1);  // exceeded with probability 0.001
}

TEST(RandomMatching, LetsEachOfAnOddNumberRestEquallyOften) {
  constexpr int kDraws = 3'500;
  const auto schedule = make_graph(R"("random_matching")", 7);
  std::vector<int> rests(7);
  for (Round t = 0; t < kDraws; ++t) {
    for (Uid i = 0; i < 7; ++i) {
      rests[std::size_t(i)] += schedule->neighborhood(i, t).receivers.empty();
    }
  }
  EXPECT_EQ(std::accumulate(rests.begin(), rests.end(), 0), kDraws);
  double chi = 0;
  for (const int count : rests) chi += (count - 500.0) * (count - 500.0) / 500;
  EXPECT_LT(chi, 22.5);  // exceeded with probability 0.001
}

TEST(RandomRegular, IsConnectedAndRegularEveryRound) {
  const auto schedule = make_graph(R"({"type": "random_regular", "degree": 3})", 12);
  for (Round t = 0; t < 50; ++t) {
    const MixingMatrix w = matrix_of(*schedule, t);
    EXPECT_TRUE(w.graph.connected());
    for (Uid i = 0; i < 12; ++i) {
      ASSERT_EQ(w.graph.degree(i), 3);
      for (const double weight : w.row(i)) EXPECT_EQ(weight, 0.25);
    }
  }
  EXPECT_NE(edges_of(matrix_of(*schedule, 0).graph), edges_of(matrix_of(*schedule, 1).graph));
}

TEST(RandomRegular, DrawsEveryEdgeEquallyOftenOverTheRounds) {
  EdgeCounts counts(10, 3);
  const auto schedule = make_graph(R"({"type": "random_regular", "degree": 3})", 10);
  for (Round t = 0; t < 10'000; ++t) counts.add(matrix_of(*schedule, t).graph);
  EXPECT_LT(counts.chi(), kChi35);
}

TEST(RandomRegular, RepeatsItselfNoMoreThanChanceDoes) {
  // The rounds are drawn afresh: of 6 nodes there are 70 graphs of degree 3, so that the next round
  // is the same with probability 1/70 or a little more, for the two kinds are not equally many.
  const auto schedule = make_graph(R"({"type": "random_regular", "degree": 3})", 6);
  int same = 0;
  for (Round t = 0; t < 7'000; ++t) {
    same += edges_of(matrix_of(*schedule, t).graph) == edges_of(matrix_of(*schedule, t + 1).graph);
  }
  EXPECT_NEAR(same, 100, 40);  // 4 standard deviations
}

TEST(Epidemic, SendsToEveryOtherNodeEquallyOften) {
  constexpr int kDraws = 2'000;
  const auto schedule = make_graph(R"({"type": "epidemic", "degree": 2})", 6);
  Dense counts(6);
  for (Round t = 0; t < kDraws; ++t) {
    for (Uid i = 0; i < 6; ++i) {
      const Neighborhood at = schedule->neighborhood(i, t);
      ASSERT_EQ(at.receivers.size(), 2u);
      for (const Uid receiver : at.receivers) ++counts.row(i)[receiver];
      for (const auto& sender : at.senders) {
        ASSERT_EQ(sender.weight, 1.0 / double(1 + at.senders.size()));
      }
    }
  }
  // A sender's five counts are binomial with p = 2/5, bound by their sum:
  // Σ (O − E)² · 4/5 / (N p (1 − p)) ~ χ²_4.
  for (Uid i = 0; i < 6; ++i) {
    EXPECT_EQ(counts.row(i)[i], 0);
    double squares = 0;
    for (Uid j = 0; j < 6; ++j) {
      if (i != j) squares += std::pow(counts.row(i)[j] - kDraws * 0.4, 2);
    }
    EXPECT_LT(squares * 0.8 / (kDraws * 0.24), 18.5);  // exceeded with probability 0.001
  }
}

TEST(EquiDyn, HearsOneNodeAtTheSameDistanceForAll) {
  constexpr Uid kNodes = 9;
  const auto schedule = make_graph(R"({"type": "equidyn", "directed": true})", kNodes);
  std::vector<int> distances(kNodes);
  for (Round t = 0; t < 400; ++t) {
    const Uid distance = schedule->neighborhood(0, t).senders.at(0).uid;
    ++distances[std::size_t(distance)];
    for (Uid i = 0; i < kNodes; ++i) {
      const Neighborhood at = schedule->neighborhood(i, t);
      EXPECT_EQ(at.senders.at(0).uid, (i + distance) % kNodes);
      EXPECT_NEAR(at.senders.at(0).weight, 0.5 * 8 / 9, 1e-16);
    }
  }
  EXPECT_EQ(distances[0], 0);
  for (Uid a = 1; a < kNodes; ++a) EXPECT_GT(distances[std::size_t(a)], 20);  // of 50
}

/// The walk of OU-EquiDyn, as it is written in the paper.
std::vector<Uid> greedy_walk(Uid n, Uid start, Uid distance) {
  std::vector<Uid> peers(std::size_t(n), -1);
  for (Uid turn = 0; turn < n; ++turn) {
    const Uid i = (start + turn) % n;
    const Uid j = (i + distance) % n;
    if (peers[std::size_t(i)] >= 0 || peers[std::size_t(j)] >= 0) continue;
    peers[std::size_t(i)] = j;
    peers[std::size_t(j)] = i;
  }
  return peers;
}

TEST(EquiDyn, PairsNodesAsTheGreedyWalkDoes) {
  for (Uid n = 2; n <= 23; ++n) {
    const auto schedule = make_graph(R"({"type": "equidyn", "directed": false})", n, 3);
    for (Round t = 0; t < 60; ++t) {
      Random random = round_random(3, t);
      const auto distance = Uid(1 + random.below(std::uint32_t(n - 1)));
      const auto start = Uid(random.below(std::uint32_t(n)));
      const std::vector<Uid> peers = greedy_walk(n, start, distance);
      for (Uid i = 0; i < n; ++i) {
        const auto receivers = schedule->neighborhood(i, t).receivers;
        ASSERT_EQ(receivers.empty() ? -1 : receivers[0], peers[std::size_t(i)])
            << n << " nodes, distance " << distance << ", start " << start << ", node " << i;
      }
    }
  }
}

}  // namespace
}  // namespace kith
