#include <gtest/gtest.h>

#include "compression/compressing.h"
#include "sharing/gossip_network.h"

namespace kith {
namespace {

const std::vector<float> kStart = normal_vector(small_model().size, 1);

TEST(Dcd, WithoutCompressionMixesWhatWasBeforeTheLocalSteps) {
  constexpr std::size_t n = 5;
  GossipNetwork network(R"({"type": "dcd", "compressor": "identity"})", n, small_model(), kStart);
  std::vector<std::vector<float>> x(n, kStart);
  for (int round = 0; round < 20; ++round) {
    network.learn();
    std::vector<std::vector<float>> next = x;
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t k = 0; k < network.size(); ++k) {
        const float mixed = (x[(i + n - 1) % n][k] + x[i][k] + x[(i + 1) % n][k]) / 3;
        next[i][k] = mixed + (network.x(i, k) - x[i][k]);
      }
    }
    x = next;
    network.round();
    for (std::size_t k = 0; k < network.size(); ++k) {
      ASSERT_NEAR(network.x(2, k), x[2][k], 1e-5) << "round " << round;
    }
  }
}

TEST(Dcd, ANodesVectorIsTheSumOfWhatItSaid) {
  const char* const eight_bits = R"({"type": "uniform", "bits": 8, "rounding": "stochastic"})";
  GossipNetwork network(R"({"type": "dcd", "compressor": )" + std::string(eight_bits) + '}', 6,
                        small_model(), kStart);
  const Compressing listener(eight_bits, small_model());
  std::vector<float> heard = kStart;
  for (int round = 0; round < 500; ++round) {
    network.learn();
    network.round();
    listener->add(listener.heard(network.said(4)), 1, {heard.data(), heard.size(), {}});
  }
  for (std::size_t k = 0; k < heard.size(); ++k) ASSERT_EQ(network.x(4, k), heard[k]);
}

TEST(LowPrecision, IsDcdWithAByteACoordinate) {
  GossipNetwork low(R"("low_precision")", 6, small_model(), kStart);
  GossipNetwork dcd(R"({"type": "dcd", "compressor": "minmax_uint8"})", 6, small_model(), kStart);
  for (int round = 0; round < 10; ++round) {
    low.learn();
    dcd.learn();
    low.round();
    dcd.round();
  }
  for (std::size_t k = 0; k < low.size(); ++k) EXPECT_EQ(low.x(3, k), dcd.x(3, k));
  EXPECT_EQ(low.said(0).size(), small_model().size + 8);
  EXPECT_EQ(low.said(0).metadata_bytes(), 8u);
}

// Bagua's own: replicas of both neighbors, z = y + (x_left + x_right − 5 x) / 3.
TEST(LowPrecision, FollowsBaguasRecursionOnARing) {
  constexpr std::size_t n = 5;
  GossipNetwork network(R"("low_precision")", n, small_model(), kStart);
  const Compressing q(R"("minmax_uint8")", small_model());
  std::vector<std::vector<float>> x(n, kStart);
  for (int round = 0; round < 10; ++round) {
    network.learn();
    std::vector<std::vector<float>> moved = x;
    for (std::size_t i = 0; i < n; ++i) {
      std::vector<float> z(network.size());
      for (std::size_t k = 0; k < z.size(); ++k) {
        z[k] = network.x(i, k) + (x[(i + n - 1) % n][k] + x[(i + 1) % n][k] - 5 * x[i][k]) / 3;
      }
      const std::vector<float> step = q.of(z);
      for (std::size_t k = 0; k < z.size(); ++k) moved[i][k] += step[k];
    }
    x = moved;
    network.round();
    for (std::size_t i = 0; i < n; ++i) {
      // A rounding error may move a code by one: a step of 1/255 of the range.
      for (std::size_t k = 0; k < network.size(); ++k) {
        ASSERT_NEAR(network.x(i, k), x[i][k], 5e-3) << "round " << round;
      }
    }
  }
}

TEST(LowPrecision, AgreesUpToItsPrecision) {
  GossipNetwork network(R"("low_precision")", 8, small_model(), kStart);
  for (int round = 0; round < 100; ++round) {
    network.learn();
    network.round();
  }
  const double apart = network.consensus_distance();
  for (int round = 0; round < 300; ++round) network.round();
  EXPECT_LT(network.consensus_distance(), 1e-6 * apart);
}

}  // namespace
}  // namespace kith
