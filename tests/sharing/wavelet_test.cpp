#include "compression/wavelet.h"

#include <gmock/gmock.h>

#include <map>

#include "sharing/change_reference.h"

namespace kith {
namespace {

const char* const kPlainCodec = R"("codec": {"indices": "none", "values": "none"})";

std::string wavelet(const std::string& alpha, const std::string& accumulation,
                    const std::string& name = "sym2", int level = 4) {
  return R"({"type": "wavelet", "alpha": )" + alpha + R"(, "accumulation": ")" + accumulation +
         R"(", "wavelet": ")" + name + R"(", "level": )" + std::to_string(level) + ", " +
         kPlainCodec + '}';
}

ParameterLayout vector_of(std::int64_t size) {
  ParameterLayout layout;
  layout.add("x", {size});
  return layout;
}

/// With the transform in float64.
ChangeReference reference_in(const std::string& name, int level, std::size_t size) {
  const auto transform = std::make_shared<Wavelet<double>>(name, level, size);
  ChangeReference reference;
  reference.forward = [transform](const Doubles& x) {
    Doubles c(transform->coefficients());
    transform->forward(x, c);
    return c;
  };
  reference.inverse = [transform](const Doubles& c) {
    Doubles x(transform->size());
    transform->inverse(c, x);
    return x;
  };
  return reference;
}

class WaveletBy : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Accumulation, WaveletBy,
                         ::testing::Values("none", "local", "paper", "legacy"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(WaveletBy, IsTheAverageOfCoefficientsWithOnesOwnInTheGaps) {
  struct Case {
    const char* name;
    int level;
    const char* alpha;
  };
  for (const auto& [name, level, alpha] :
       {Case{"haar", 1, "0.3"}, {"sym2", 4, "0.3"}, {"sym2", 4, "0.98"}, {"sym8", 3, "0.05"}}) {
    const std::size_t n = Wavelet<float>(name, level, 101).coefficients();
    GossipNetwork network(wavelet(alpha, GetParam(), name, level), 5, vector_of(101));
    ChangeReference reference = reference_in(name, level, 101);
    reference.accumulation = GetParam();
    reference.count = [n, part = std::stod(alpha)](std::size_t) {
      return std::size_t(std::nearbyint(part * double(n)));
    };
    expect_as_reference(network, reference, 15, 5e-6);
    EXPECT_EQ(network.said(1).size(), 8 * reference.count(1));
  }
}

TEST_P(WaveletBy, SayingEverythingIsFullSharing) {
  GossipNetwork everything(wavelet("1", GetParam()), 5, small_model());
  GossipNetwork full(R"("full")", 5, small_model());
  expect_same_bits(everything, full, 20);
}

TEST_P(WaveletBy, WithoutLevelsIsPartialSharing) {
  GossipNetwork without(wavelet("0.2", GetParam(), "sym2", 0), 5, small_model());
  GossipNetwork partial(R"({"type": "partial", "alpha": 0.2, "accumulation": ")" +
                            std::string(GetParam()) + "\", " + kPlainCodec + '}',
                        5, small_model());
  for (int round = 0; round < 10; ++round) {
    without.learn();
    partial.learn();
    without.round();
    partial.round();
    EXPECT_EQ(without.said(3).size(), partial.said(3).size());
    for (std::size_t k = 0; k < partial.size(); ++k) {
      ASSERT_NEAR(without.x(1, k), partial.x(1, k), 1e-6);
    }
  }
}

TEST(WaveletSharing, NodesThatAgreeStayAsTheyAre) {
  std::vector<float> x0(100);
  for (std::size_t k = 0; k < x0.size(); ++k) x0[k] = 0.1f * static_cast<float>(k) - 3;
  GossipNetwork network(wavelet("0.2", "paper"), 4, vector_of(100), x0);
  for (int round = 0; round < 30; ++round) network.round();
  for (std::size_t k = 0; k < x0.size(); ++k) EXPECT_EQ(network.x(2, k), x0[k]);
}

// What wavelets are for: where neighboring parameters move together, few coefficients say it.
TEST(WaveletSharing, SaysASmoothChangeInFewCoefficients) {
  const auto part_unheard = [](const std::string& sharing) {
    GossipNetwork network(sharing, 3, vector_of(1024), std::vector<float>(1024));
    const auto wave = [](std::size_t k) { return std::sin(0.02f * static_cast<float>(k)); };
    for (std::size_t k = 0; k < 1024; ++k) network.x(0, k) = wave(k);
    network.round();
    double missing = 0, all = 0;
    for (std::size_t k = 0; k < 1024; ++k) {
      missing += std::pow(network.x(1, k) - wave(k) / 3, 2);
      all += std::pow(wave(k) / 3, 2);
    }
    return missing / all;
  };
  EXPECT_LT(part_unheard(wavelet("0.1", "none")), 1e-4);
  EXPECT_GT(part_unheard(R"({"type": "partial", "alpha": 0.1})"), 0.7);
}

std::string jwins(const std::string& more = "") {
  return std::string(R"({"type": "jwins", )") + kPlainCodec + more + '}';
}

/// How often messages of so many bytes were said.
std::map<std::size_t, int> sizes_said(GossipNetwork& network, int rounds) {
  std::map<std::size_t, int> sizes;
  for (int round = 0; round < rounds; ++round) {
    network.round();
    for (std::size_t i = 0; i < network.nodes(); ++i) ++sizes[network.said(i).size()];
  }
  return sizes;
}

TEST(Jwins, EveryCutOffOfTheListIsDrawnAsOften) {
  GossipNetwork network(jwins(), 10, vector_of(500));
  const std::size_t n = Wavelet<float>("sym2", 4, 500).coefficients();
  const int rounds = 350;
  const std::map<std::size_t, int> sizes = sizes_said(network, rounds);
  const double expected = 10.0 * rounds / 7;
  double chi_squared = 0;
  for (const double alpha : {0.1, 0.15, 0.2, 0.25, 0.3, 0.4}) {
    const auto said = std::size_t(std::nearbyint(alpha * double(n)));
    ASSERT_TRUE(sizes.contains(8 * said)) << alpha;
    chi_squared += std::pow(sizes.at(8 * said) - expected, 2) / expected;
  }
  ASSERT_TRUE(sizes.contains(4 * 500));  // 1: the vector itself
  chi_squared += std::pow(sizes.at(4 * 500) - expected, 2) / expected;
  EXPECT_EQ(sizes.size(), 7u);
  EXPECT_LT(chi_squared, 22.5);  // 6 degrees of freedom: 1 in 1,000
}

TEST(Jwins, NodesAndRoundsDrawOnTheirOwn) {
  GossipNetwork network(jwins(), 2, vector_of(500));
  int alike = 0, repeated = 0;
  std::size_t last = 0;
  for (int round = 0; round < 700; ++round) {
    network.round();
    alike += network.said(0).size() == network.said(1).size();
    repeated += network.said(0).size() == last;
    last = network.said(0).size();
  }
  EXPECT_NEAR(alike, 100, 40);  // 4 standard deviations
  EXPECT_NEAR(repeated, 100, 40);
}

TEST(Jwins, DrawsTheSameAgain) {
  GossipNetwork first(jwins(), 5, vector_of(200)), second(jwins(), 5, vector_of(200));
  expect_same_bits(first, second, 30);
}

TEST(Jwins, IsTheAverageOfCoefficientsWhateverEachNodeDraws) {
  for (const std::string accumulation : {"none", "local", "paper", "legacy"}) {
    GossipNetwork network(jwins(R"(, "accumulation": ")" + accumulation + '"'), 5, vector_of(300));
    GossipNetwork twin(jwins(R"(, "accumulation": ")" + accumulation + '"'), 5, vector_of(300));
    ChangeReference reference = reference_in("sym2", 4, 300);
    reference.accumulation = accumulation;
    const std::size_t n = Wavelet<float>("sym2", 4, 300).coefficients();
    // The twin is a round ahead, so its messages tell what will be drawn.
    reference.count = [&](std::size_t i) {
      const std::size_t bytes = twin.said(i).size();
      return bytes == 4 * 300 ? n : bytes / 8;
    };
    reference.start(network);
    for (int round = 0; round < 20; ++round) {
      network.learn();
      twin.learn();
      twin.round();
      const std::vector<Doubles> expected = reference.round(network);
      network.round();
      for (std::size_t i = 0; i < 5; ++i) {
        for (std::size_t k = 0; k < 300; ++k) {
          ASSERT_NEAR(network.x(i, k), expected[i][k], 5e-6) << accumulation << ", round " << round;
        }
      }
      reference.finish(network);
    }
  }
}

TEST(Jwins, WithNoCutOffButOneIsFullSharing) {
  GossipNetwork everything(jwins(R"(, "alphas": [1])"), 5, small_model());
  GossipNetwork full(R"("full")", 5, small_model());
  expect_same_bits(everything, full, 20);
}

TEST(Jwins, NeedsACutOff) {
  const auto refusal = [](const std::string& json) {
    return message_of<ConfigError>([&] { GossipNetwork(json, 3, small_model()); });
  };
  EXPECT_EQ(refusal(jwins(R"(, "alphas": [])")),
            "run.json: /sharing/alphas: must have a number, got []");
  EXPECT_THAT(refusal(jwins(R"(, "alphas": [0.5, 0])")),
              ::testing::HasSubstr("/alphas: must be above 0 and at most 1"));
  EXPECT_THAT(refusal(jwins(R"(, "wavelet": "sym22")")), ::testing::HasSubstr("\"sym2\""));
}

}  // namespace
}  // namespace kith
