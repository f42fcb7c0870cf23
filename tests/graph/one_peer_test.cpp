#include <array>
#include <numbers>
#include <set>

#include "graph/schedule_testing.h"

namespace kith {
namespace {

double rate_of_a_ring(std::int64_t n, Round rounds) {
  return std::pow(std::cos(2 * std::numbers::pi / double(n)), double(rounds - 1));
}

TEST(OnePeerExponential, HearsTheNodeTwoToTheTAhead) {
  const auto schedule = make_graph(R"("one_peer_exponential")", 11);
  EXPECT_EQ(schedule->period(), 4);
  const Neighborhood at = schedule->neighborhood(9, 6);  // 6 mod 4 = 2
  ASSERT_EQ(at.senders.size(), 1u);
  EXPECT_EQ(at.senders[0].uid, 2);
  EXPECT_EQ(at.receivers, std::vector<Uid>({5}));
  EXPECT_EQ(at.self_weight, 0.5);
}

TEST(OnePeerExponential, AveragesExactlyOverLog2NRoundsFromAnyStart) {
  for (const std::int64_t n : {2, 4, 8, 16, 64}) {
    const auto schedule = make_graph(R"("one_peer_exponential")", n);
    for (Round first = 0; first < schedule->period(); ++first) {
      EXPECT_EQ(product(*schedule, schedule->period(), first).distance_from_average(), 0) << n;
    }
  }
}

TEST(OnePeerExponential, LeavesTheKnownResidualWhereTheNodesAreNoPowerOfTwo) {
  const std::pair<std::int64_t, double> residuals[] = {
      {3, 0.25}, {5, 0.20225424859373692}, {7, 0.125}, {12, 0.20912907593445204}};
  for (const auto& [n, residual] : residuals) {
    const auto schedule = make_graph(R"("one_peer_exponential")", n);
    EXPECT_NEAR(product(*schedule, schedule->period()).rho(), residual, 1e-12) << n;
  }
}

TEST(OnePeerHypercube, AveragesExactlyOverLog2NRoundsFromAnyStart) {
  for (const std::int64_t n : {2, 4, 8, 32, 64}) {
    const auto schedule = make_graph(R"("one_peer_hypercube")", n);
    for (Round first = 0; first < schedule->period(); ++first) {
      EXPECT_EQ(product(*schedule, schedule->period(), first).distance_from_average(), 0) << n;
    }
  }
  EXPECT_EQ(make_graph(R"("one_peer_hypercube")", 64)->period(), 6);
}

TEST(OnePeerRing, AlternatesBetweenTheTwoHalvesOfItsEdges) {
  const auto schedule = make_graph(R"("one_peer_ring")", 6);
  const auto peers = [&](Round round) {
    std::vector<Uid> peers;
    for (Uid i = 0; i < 6; ++i) peers.push_back(schedule->neighborhood(i, round).receivers.at(0));
    return peers;
  };
  EXPECT_EQ(peers(0), std::vector<Uid>({1, 0, 3, 2, 5, 4}));
  EXPECT_EQ(peers(1), std::vector<Uid>({5, 2, 1, 4, 3, 0}));
  EXPECT_EQ(peers(2), peers(0));
}

TEST(OnePeerRing, MixesAtTheRateOfItsClosedForm) {
  for (const std::int64_t n : {4, 6, 8, 14}) {
    const auto schedule = make_graph(R"("one_peer_ring")", n);
    for (const Round rounds : {1, 2, 3, 7}) {
      EXPECT_NEAR(product(*schedule, rounds).rho(), rate_of_a_ring(n, rounds), 1e-12) << n;
    }
  }
}

TEST(ShiftOne, PairsTheHalvesAsBaguaDoes) {
  const auto schedule = make_graph(R"("shift_one")", 8);
  for (const auto& [round, peers] :
       {std::pair<Round, std::vector<Uid>>{0, {4, 5, 6, 7, 0, 1, 2, 3}},
        {1, {5, 6, 7, 4, 3, 0, 1, 2}},
        {5, {5, 6, 7, 4, 3, 0, 1, 2}}}) {
    for (Uid i = 0; i < 8; ++i) {
      EXPECT_EQ(schedule->neighborhood(i, round).receivers,
                std::vector<Uid>({peers.at(std::size_t(i))}))
          << "round " << round << ", node " << i;
    }
  }
}

TEST(ShiftOne, MixesLikeARing) {
  for (const std::int64_t n : {4, 6, 8, 14}) {
    const auto schedule = make_graph(R"("shift_one")", n);
    for (const Round rounds : {1, 2, 3, 7}) {
      EXPECT_NEAR(product(*schedule, rounds).rho(), rate_of_a_ring(n, rounds), 1e-12) << n;
    }
  }
}

using Groups = std::set<std::set<Uid>>;

Groups groups(const Schedule& schedule, Round round) {
  Groups groups;
  for (Uid i = 0; i < schedule.nodes(); ++i) {
    const Neighborhood at = schedule.neighborhood(i, round);
    std::set<Uid> group(at.receivers.begin(), at.receivers.end());
    group.insert(i);
    EXPECT_EQ(at.self_weight, 1.0 / double(group.size()));
    groups.insert(group);
  }
  return groups;
}

TEST(AlternatingExpRing, HasTheGroupsOfDecentDp) {
  const auto schedule =
      make_graph(R"({"type": "alternating_exp_ring", "nodes_per_machine": 2})", 8);
  ASSERT_EQ(schedule->period(), 4);
  EXPECT_EQ(groups(*schedule, 0), Groups({{0, 1}, {2, 3}, {4, 5, 6, 7}}));
  EXPECT_EQ(groups(*schedule, 1), Groups({{0, 1, 2, 3}, {4, 5}, {6, 7}}));
  EXPECT_EQ(groups(*schedule, 2), Groups({{0, 1}, {4, 5}, {2, 3, 6, 7}}));
  EXPECT_EQ(groups(*schedule, 3), Groups({{0, 1, 4, 5}, {2, 3}, {6, 7}}));
}

TEST(AlternatingExpRing, AveragesExactlyOverAPeriod) {
  const std::pair<int, int> cases[] = {{2, 1}, {2, 2}, {4, 2}, {8, 2}, {4, 3}, {8, 5}, {16, 1}};
  for (const auto& [machines, per_machine] : cases) {
    const auto schedule = make_graph(R"({"type": "alternating_exp_ring", "nodes_per_machine": )" +
                                         std::to_string(per_machine) + '}',
                                     machines * per_machine);
    EXPECT_EQ(schedule->period(), 2 * std::log2(machines));
    EXPECT_LT(product(*schedule, schedule->period()).distance_from_average(), 1e-15)
        << machines << " machines of " << per_machine;
  }
}

}  // namespace
}  // namespace kith
