#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sharing/gossip_network.h"
#include "support/folder.h"

namespace kith {
namespace {

std::string powergossip(const std::string& options) {
  return R"({"type": "powergossip", )" + options + '}';
}

/// A matrix, a bias and another matrix.
ParameterLayout two_matrices() {
  ParameterLayout layout;
  layout.add("first", {6, 9});
  layout.add("bias", {6});
  layout.add("second", {7, 2, 3});
  return layout;
}

using State = std::map<std::string, std::vector<float>>;

State state_of(GossipNetwork& network, std::size_t i) {
  StateCopy state;
  network.method(i).walk_state(state);
  return state.vectors;
}

TEST(PowerGossip, OfAllRanksIsPlainGossip) {
  GossipNetwork low_rank(powergossip(R"("rank": 6, "gamma": 1)"), 5, two_matrices());
  GossipNetwork plain(R"("full")", 5, two_matrices());
  for (int round = 0; round < 20; ++round) {
    low_rank.round();
    plain.round();
    for (std::size_t k = 0; k < plain.size(); ++k) {
      ASSERT_NEAR(low_rank.x(2, k), plain.x(2, k), 2e-6) << "round " << round;
    }
  }
}

// D Q of a random Q spans the columns of D if its rank is r; then P Pᵀ D = D.
TEST(PowerGossip, TwoIterationsSeeADifferenceOfItsRankWhole) {
  ParameterLayout layout;
  layout.add("weight", {8, 11});
  layout.add("bias", {8});
  GossipNetwork low_rank(powergossip(R"("rank": 2, "gamma": 1, "power_iterations": 2)"), 6, layout);
  GossipNetwork plain(R"("full")", 6, layout);
  for (std::size_t i = 0; i < 6; ++i) {
    Random shared(7, Purpose::kModel), own(8, Purpose::kModel, static_cast<std::uint32_t>(i));
    std::vector<float> u(2 * 8), v(2 * 11);
    for (float& value : u) value = static_cast<float>(shared.normal());
    for (float& value : v) value = static_cast<float>(own.normal());
    for (std::size_t row = 0; row < 8; ++row) {
      for (std::size_t k = 0; k < 11; ++k) {
        low_rank.x(i, row * 11 + k) = plain.x(i, row * 11 + k) = u[row] * v[k] + u[8 + row] * v[11 + k];
      }
    }
  }
  for (int round = 0; round < 10; ++round) {
    low_rank.round();
    plain.round();
    for (std::size_t k = 0; k < plain.size(); ++k) {
      ASSERT_NEAR(low_rank.x(3, k), plain.x(3, k), 2e-5) << "round " << round;
    }
  }
}

TEST(PowerGossip, TheNetworksMeanStaysWhereItIs) {
  for (const char* options : {R"("rank": 1, "gamma": 1)", R"("rank": 3, "gamma": 0.7)",
                              R"("rank": 2, "gamma": 1, "power_iterations": 3)"}) {
    GossipNetwork network(powergossip(options), 8, two_matrices());
    const std::vector<double> before = network.mean();
    for (int round = 0; round < 500; ++round) network.round();
    EXPECT_LT(relative_distance(network.mean(), before), 5e-5) << options;
  }
}

TEST(PowerGossip, NeighborsComeToAgree) {
  for (const char* options :
       {R"("rank": 1, "gamma": 1)", R"("rank": 2, "gamma": 1, "power_iterations": 2)"}) {
    GossipNetwork network(powergossip(options), 8, two_matrices());
    double before = network.consensus_distance();
    const double first = before;
    for (int round = 0; round < 400; ++round) {
      network.round();
      // An edge moves its ends together along a projection of their difference, never apart.
      const double now = network.consensus_distance();
      if (now > 1e-9 * first) {
        ASSERT_LT(now, before) << "round " << round;
      }
      before = now;
    }
    EXPECT_LT(before, 1e-9 * first) << options;
  }
}

TEST(PowerGossip, BothEndsOfAnEdgeRememberTheSameBits) {
  GossipNetwork network(powergossip(R"("rank": 2, "gamma": 1, "power_iterations": 3)"), 5,
                        two_matrices());
  for (int round = 0; round < 500; ++round) {
    network.learn();
    network.round();
  }
  for (std::size_t i = 0; i < 5; ++i) {
    const std::size_t j = (i + 1) % 5;
    const State own = state_of(network, i), theirs = state_of(network, j);
    ASSERT_EQ(own.size(), 2u * 2 * 2);  // neighbors, matrices, p and q
    for (const std::string name : {"first", "second"}) {
      for (const std::string factor : {"p.", "q."}) {
        EXPECT_EQ(own.at(factor + std::to_string(j) + '.' + name),
                  theirs.at(factor + std::to_string(i) + '.' + name));
      }
    }
  }
}

TEST(PowerGossip, NodesThatWereEqualFindOutWhenTheyAreNot) {
  const std::vector<float> x0(two_matrices().size, 0.5f);
  GossipNetwork network(powergossip(R"("rank": 2, "gamma": 1)"), 6, two_matrices(), x0);
  for (int round = 0; round < 5; ++round) network.round();
  EXPECT_EQ(network.x(2, 7), 0.5f);
  network.learn();
  const double before = network.consensus_distance();
  for (int round = 0; round < 200; ++round) network.round();
  EXPECT_LT(network.consensus_distance(), 1e-6 * before);
}

TEST(PowerGossip, AMessageIsOneFactorAndTheVectors) {
  GossipNetwork network(powergossip(R"("rank": 2, "gamma": 1)"), 5, two_matrices());
  network.round();
  EXPECT_EQ(network.said(0).size(), 4u * (2 * (9 + 6) + 6));  // Xᵀ P
  EXPECT_EQ(network.said(0).metadata_bytes(), 0u);
  network.round();
  EXPECT_EQ(network.said(0).size(), 4u * (2 * (6 + 7) + 6));  // X Q
}

TEST(PowerGossip, GoesOnFromItsStateAsIfItHadNeverStopped) {
  const std::string options = powergossip(R"("rank": 2, "gamma": 0.9)");
  GossipNetwork first(options, 5, two_matrices()), second(options, 5, two_matrices());
  for (int round = 0; round < 7; ++round) first.round();
  second.rewind(-7);
  for (std::size_t i = 0; i < 5; ++i) {
    StateCopy state;
    first.method(i).walk_state(state);
    state.restores = true;
    second.method(i).walk_state(state);
    for (std::size_t k = 0; k < first.size(); ++k) second.x(i, k) = first.x(i, k);
  }
  for (int round = 0; round < 3; ++round) {
    first.round();
    second.round();
  }
  for (std::size_t k = 0; k < first.size(); ++k) EXPECT_EQ(second.x(1, k), first.x(1, k));
}

TEST(PowerGossip, AMessageThatCannotBeIsRefused) {
  const auto refusal = [](const std::function<std::vector<std::byte>(ByteView)>& change) {
    GossipNetwork network(powergossip(R"("rank": 2, "gamma": 1)"), 5, two_matrices());
    return message_of<PeerError>([&] {
      network.round([&](std::size_t i, const Body& body) {
        return i == 3 ? Body(change(body.coded())) : body;
      });
    });
  };
  EXPECT_EQ(refusal([](ByteView b) { return std::vector(b.begin(), b.end() - 1); }),
            "node 3 sent 143 bytes, not 144");
  EXPECT_EQ(refusal([](ByteView b) {
              std::vector<std::byte> bytes(b.begin(), b.end());
              bytes[3] = bytes[2] = std::byte{0x7f};
              bytes[2] = std::byte{0xc0};
              return bytes;
            }),
            "node 3 sent a number that is not finite");
}

}  // namespace
}  // namespace kith
