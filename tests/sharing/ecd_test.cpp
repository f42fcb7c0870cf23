#include <gtest/gtest.h>

#include "compression/compressing.h"
#include "sharing/gossip_network.h"
#include "support/folder.h"

namespace kith {
namespace {

const std::vector<float> kStart = normal_vector(small_model().size, 1);

std::string ecd(const std::string& compressor) {
  return R"({"type": "ecd", "compressor": )" + compressor + '}';
}

TEST(Ecd, WithoutCompressionItsEstimatesAreTheVectorsThemselves) {
  GossipNetwork ecd_network(ecd(R"("identity")"), 5, small_model(), kStart);
  GossipNetwork dcd_network(R"({"type": "dcd", "compressor": "identity"})", 5, small_model(),
                            kStart);
  for (int round = 0; round < 30; ++round) {
    ecd_network.learn();
    dcd_network.learn();
    ecd_network.round();
    dcd_network.round();
    for (std::size_t k = 0; k < ecd_network.size(); ++k) {
      ASSERT_NEAR(ecd_network.x(1, k), dcd_network.x(1, k), 1e-5) << "round " << round;
    }
  }
}

TEST(Ecd, FollowsItsEquationRoundByRound) {
  constexpr std::size_t n = 5;
  const std::string eight_bits = R"({"type": "uniform", "bits": 8, "rounding": "stochastic"})";
  GossipNetwork network(ecd(eight_bits), n, small_model(), kStart);
  const Compressing q(eight_bits, small_model());
  const std::vector<double> start(kStart.begin(), kStart.end());
  std::vector<std::vector<double>> x(n, start), estimate(n, start);
  for (int t = 1; t <= 30; ++t) {
    network.learn();
    std::vector<std::vector<double>> next = x;
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t k = 0; k < network.size(); ++k) {
        const double mixed =
            (estimate[(i + n - 1) % n][k] + estimate[i][k] + estimate[(i + 1) % n][k]) / 3;
        next[i][k] = mixed + double(network.x(i, k)) - x[i][k];
      }
    }
    network.round();
    for (std::size_t i = 0; i < n; ++i) {
      const std::vector<float> said = q.expand(q.heard(network.said(i)));
      for (std::size_t k = 0; k < network.size(); ++k) {
        const double z = x[i][k] + 0.5 * t * (next[i][k] - x[i][k]);
        EXPECT_NEAR(said[k], z, 0.05 * (1 + t)) << "Q(z) is not near z";
        estimate[i][k] = (1 - 2.0 / t) * estimate[i][k] + 2.0 / t * double(said[k]);
        ASSERT_NEAR(network.x(i, k), next[i][k], 1e-4) << "round " << t;
      }
    }
    x = next;
  }
}

TEST(Ecd, RefusesACompressorThatIsWrongOnAverage) {
  EXPECT_EQ(message_of<ConfigError>([] { GossipNetwork(ecd(R"("sign")"), 3, small_model()); }),
            "/sharing/compressor: ecd needs an unbiased compressor, because it averages errors "
            "away; sign, so set, is not. Take qsgd, uniform with \"rounding\": \"stochastic\", or "
            "random_k with \"unbiased\": true");
  EXPECT_NO_THROW(GossipNetwork(ecd(R"({"type": "qsgd", "levels": 4})"), 3, small_model()));
}

TEST(Ecd, RefusesACodecThatIsWrongOnAverage) {
  EXPECT_EQ(message_of<ConfigError>([] {
              GossipNetwork(R"({"type": "ecd", "compressor": "identity",
                                "codec": {"values": "quantization"}})",
                            3, small_model());
            }),
            "/sharing/codec/values: ecd needs a codec that loses nothing, because it averages "
            "errors away, and a codec's are not random. Take none, fpzip at precision 32, lz4 or "
            "zstd");
}

}  // namespace
}  // namespace kith
