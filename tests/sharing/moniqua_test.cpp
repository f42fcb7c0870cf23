#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sharing/gossip_network.h"
#include "support/folder.h"

namespace kith {
namespace {

constexpr double kSlack = 1 + 0x1p-18;

std::string moniqua(double theta, unsigned bits, const std::string& more = "") {
  return R"({"type": "moniqua", "theta": )" + json_number(theta) + R"(, "bits": )" +
         std::to_string(bits) + more + '}';
}

constexpr const char* kStochastic = R"(, "rounding": "stochastic")";

double step_of(double theta, unsigned bits) { return 2 * theta / ((1 << bits) - 1) * kSlack; }

/// Starts in [−1/2, 1/2): neighbors are within 1.
GossipNetwork near_nodes(const std::string& sharing, std::size_t nodes,
                         const ParameterLayout& layout = small_model()) {
  GossipNetwork network(sharing, nodes, layout);
  for (std::size_t i = 0; i < nodes; ++i) {
    Random random(i, Purpose::kNode);
    for (std::size_t k = 0; k < network.size(); ++k) network.x(i, k) = random.uniform_float() - 0.5f;
  }
  return network;
}

/// The number congruent to a modulo b that is in [−b/2, b/2).
double centered(double a, double b) { return a - b * std::floor(a / b + 0.5); }

// Algorithm 1 of the paper, word by word, with the points of an even grid for Q_δ.
TEST(Moniqua, IsThePapersRecursion) {
  for (const unsigned bits : {2u, 4u, 8u}) {
    const double theta = 1, b = step_of(theta, bits) * (1 << bits);
    const auto q = [&](double x) {
      return std::floor(centered(x / b, 1) * (1 << bits) + 0.5) / (1 << bits);
    };
    const auto own = [&](double x) { return q(x) * b - centered(x, b) + x; };
    const auto of = [&](double said, double x) { return centered(said * b - x, b) + x; };
    GossipNetwork network = near_nodes(moniqua(theta, bits), 5);
    for (int round = 0; round < 10; ++round) {
      std::vector<double> expected;
      for (std::size_t k = 0; k < network.size(); ++k) {
        const double x = network.x(2, k);
        double next = x;
        for (const std::size_t j : {1, 3}) next += (of(q(network.x(j, k)), x) - own(x)) / 3;
        expected.push_back(next);
      }
      network.round();
      for (std::size_t k = 0; k < network.size(); ++k) {
        ASSERT_NEAR(network.x(2, k), expected[k], 1e-5) << bits << " bits, round " << round;
      }
    }
  }
}

TEST(Moniqua, TheNetworksMeanStaysWhereItIs) {
  for (const std::string& sharing :
       {moniqua(1, 1, R"(, "gamma": 0.2)"), moniqua(1, 4), moniqua(1, 8), moniqua(1, 8, kStochastic)}) {
    GossipNetwork network = near_nodes(sharing, 8);
    const std::vector<double> before = network.mean();
    for (int round = 0; round < 500; ++round) network.round();
    EXPECT_LT(relative_distance(network.mean(), before), 5e-5) << sharing;
  }
}

// x⁺ = W x + (W − I)(x̂ − x), and x̂ is within half a step of x, up to what all have in common: each
// round shrinks the distance from the mean by ρ and adds at most ‖W − I‖ = 4/3 half steps.
TEST(Moniqua, NodesComeToAgreeUpToTheGrid) {
  for (const std::string more : {"", kStochastic}) {
    GossipNetwork network = near_nodes(moniqua(1, 6, more), 8);
    for (int round = 0; round < 300; ++round) network.round();
    const double farthest = step_of(1, 6) / 2 * (4.0 / 3) / (1 - 0.8048);
    EXPECT_LT(network.consensus_distance(), double(network.size()) * farthest * farthest);
  }
}

TEST(Moniqua, NodesThatAgreeStayAsTheyAre) {
  std::vector<float> x0(small_model().size);
  Random random(1, Purpose::kModel);
  for (float& x : x0) x = static_cast<float>(random.normal());
  for (const std::string more : {"", kStochastic}) {
    GossipNetwork network(moniqua(0.1, 4, more), 6, small_model(), x0);
    for (int round = 0; round < 20; ++round) network.round();
    for (std::size_t k = 0; k < network.size(); ++k) ASSERT_EQ(network.x(3, k), x0[k]);
  }
}

TEST(Moniqua, RoundedAtRandomANodeHearsItsNeighborsOnAverage) {
  GossipNetwork network = near_nodes(moniqua(1, 3, kStochastic), 3);
  const std::vector<double> mean = network.mean();
  std::vector<float> x;
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t k = 0; k < network.size(); ++k) x.push_back(network.x(i, k));
  }
  constexpr int kRounds = 4000;
  std::vector<double> sums(network.size());
  for (int round = 0; round < kRounds; ++round) {
    network.round();
    for (std::size_t k = 0; k < network.size(); ++k) {
      sums[k] += network.x(0, k);
      for (std::size_t i = 0; i < 3; ++i) network.x(i, k) = x[i * network.size() + k];
    }
  }
  // Of two neighbors a third each, with errors below a step: a standard deviation of at most 1/3.
  const double bound = 4.5 * step_of(1, 3) / 3 / std::sqrt(kRounds);
  for (std::size_t k = 0; k < network.size(); ++k) EXPECT_NEAR(sums[k] / kRounds, mean[k], bound);
}

/// One coordinate in which node 1 is `distance` from the others, at a random place.
std::string outcome_at(double distance, unsigned bits, std::uint64_t seed, double theta = 0.25) {
  ParameterLayout layout;
  layout.add("x", {1});
  GossipNetwork network(moniqua(theta, bits, seed % 2 ? kStochastic : ""), 3, layout);
  Random random(seed, Purpose::kNode);
  const auto place = static_cast<float>(random.normal());
  for (std::size_t i = 0; i < 3; ++i) network.x(i, 0) = place;
  network.x(1, 0) = static_cast<float>(place + distance);
  const double gap = double{network.x(1, 0)} - double{place};
  const std::string message = message_of<NumericError>([&] { network.round(); });
  if (message != "no error") return message;
  const double expected = place + gap / 3;
  const double worst = step_of(theta, bits) / 3 * 1.001 + 1e-6;
  return std::abs(network.x(0, 0) - expected) <= worst ? "right" : "wrong";
}

TEST(Moniqua, WithinThetaAllIsUnderstood) {
  for (unsigned bits = 1; bits <= 8; ++bits) {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      for (const double distance : {0.0, 0.1, -0.2, 0.2499999, -0.2499999}) {
        ASSERT_EQ(outcome_at(distance, bits, seed), "right") << bits << " bits, " << distance;
      }
    }
  }
}

TEST(Moniqua, BeyondThetaItIsRightOrSaysThatItCannotBe) {
  for (unsigned bits = 1; bits <= 8; ++bits) {
    int refused = 0;
    const double b = step_of(0.25, bits) * (1 << bits);
    for (std::uint64_t seed = 0; seed < 2000; ++seed) {
      Random random(seed, Purpose::kBatch);
      const std::string outcome = outcome_at(3 * b * (2 * random.uniform() - 1), bits, seed);
      ASSERT_NE(outcome, "wrong") << bits << " bits, seed " << seed;
      refused += outcome != "right";
    }
    EXPECT_GT(refused, 1500) << bits;  // 5 of 6 are beyond b/2
  }
}

TEST(Moniqua, SaysWhoIsTooFarAwayAndWhatToDo) {
  GossipNetwork network = near_nodes(moniqua(1.0, 8), 5);
  network.round();
  for (std::size_t k = 0; k < network.size(); ++k) network.x(3, k) += 4;
  EXPECT_EQ(message_of<NumericError>([&] { network.round(); }),
            "nodes 2 and 3 differ by more than theta = 1 in some parameter, so moniqua "
            "cannot tell what was said; raise /sharing/theta, or lower the learning rate");
}

TEST(Moniqua, ParametersThatTheGridCannotCountAreRefused) {
  GossipNetwork network = near_nodes(moniqua(1e-6, 8), 3);
  network.x(0, 3) = 1000;
  EXPECT_EQ(message_of<NumericError>([&] { network.round(); }),
            "a parameter of 1000 is too large for theta = 1e-06 with 8 bits; raise /sharing/theta, "
            "or set fewer bits");
}

TEST(Moniqua, AMessageIsAFingerprintAndTheBits) {
  for (const unsigned bits : {1u, 3u, 8u}) {
    GossipNetwork network = near_nodes(moniqua(1, bits), 3);
    network.round();
    EXPECT_EQ(network.said(0).size(), 8 + (network.size() * bits + 7) / 8);
    EXPECT_EQ(network.said(0).metadata_bytes(), 8u);
  }
}

TEST(Moniqua, AMessageOfAnotherLengthIsRefused) {
  GossipNetwork network = near_nodes(moniqua(1, 4), 4);
  EXPECT_EQ(message_of<PeerError>([&] {
              network.round([](std::size_t i, const Body& body) {
                const ByteView bytes = body.coded();
                return i == 2 ? Body(std::vector(bytes.begin(), bytes.end() - 1)) : body;
              });
            }),
            "node 2 sent 30 bytes, not 31");
}

// More coordinates than one run of the loops.
TEST(Moniqua, LargeModelsAreAsSmallOnes) {
  ParameterLayout layout;
  layout.add("x", {10001});
  GossipNetwork moniqua8 = near_nodes(moniqua(1, 7, kStochastic), 4, layout);
  GossipNetwork plain = near_nodes(R"("full")", 4, layout);
  moniqua8.round();
  plain.round();
  for (std::size_t k = 0; k < layout.size; ++k) {
    ASSERT_NEAR(moniqua8.x(1, k), plain.x(1, k), step_of(1, 7));
  }
}

}  // namespace
}  // namespace kith
