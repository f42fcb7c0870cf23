#include <gmock/gmock.h>

#include <numeric>

#include "compression/compressing.h"
#include "sharing/change_reference.h"

namespace kith {
namespace {

std::string stc(const std::string& alpha, const std::string& gamma, const std::string& more = "") {
  return R"({"type": "stc", "alpha": )" + alpha + R"(, "gamma": )" + gamma + more + '}';
}

const std::string kAsTheyAre = R"(, "ternary": false)";
const std::string kRounded =
    kAsTheyAre + R"(, "codec": {"values": {"type": "fpzip", "precision": 16}})";

/// The largest coordinates of v: their signs times their mean magnitude, or themselves.
Doubles kept(const Doubles& v, std::size_t k, bool ternary) {
  std::vector<std::size_t> order(v.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, [&](auto a, auto b) { return std::abs(v[a]) > std::abs(v[b]); });
  double mean = 0;
  for (std::size_t r = 0; r < k; ++r) mean += std::abs(v[order[r]]) / double(k);
  Doubles q(v.size());
  for (std::size_t r = 0; r < k; ++r) {
    q[order[r]] = ternary ? std::copysign(mean, v[order[r]]) : v[order[r]];
  }
  return q;
}

TEST(Stc, IsTheRecursionInFloat64) {
  constexpr std::size_t kNodes = 5;
  const std::vector<float> x0(46, 0.5f);
  for (const bool ternary : {true, false}) {
    GossipNetwork network(stc("0.2", "0.3", ternary ? "" : kAsTheyAre), kNodes, small_model(), x0);
    std::vector<Doubles> copy(kNodes, Doubles(x0.begin(), x0.end())), residual(kNodes, Doubles(46));
    for (int round = 0; round < 10; ++round) {
      network.learn();
      for (std::size_t i = 0; i < kNodes; ++i) {
        Doubles v = residual[i];
        for (std::size_t k = 0; k < 46; ++k) v[k] += double(network.x(i, k)) - copy[i][k];
        const Doubles q = kept(v, 9, ternary);
        for (std::size_t k = 0; k < 46; ++k) {
          copy[i][k] += q[k];
          residual[i][k] = v[k] - q[k];
        }
      }
      network.round();
      for (std::size_t i = 0; i < kNodes; ++i) {
        const Doubles &left = copy[(i + 4) % 5], &right = copy[(i + 1) % 5];
        for (std::size_t k = 0; k < 46; ++k) {
          const double pull = (left[k] + right[k] - 2 * copy[i][k]) / 3;
          ASSERT_NEAR(network.x(i, k), copy[i][k] + 0.3 * pull, 2e-6) << round << ' ' << ternary;
        }
      }
    }
  }
}

TEST(Stc, SayingEverythingAsItIsIsPlainGossip) {
  const std::vector<float> x0(46, 0.5f);
  GossipNetwork everything(stc("1", "1", kAsTheyAre), 5, small_model(), x0);
  GossipNetwork full(R"("full")", 5, small_model(), x0);
  for (int round = 0; round < 20; ++round) {
    everything.learn();
    full.learn();
    everything.round();
    full.round();
    for (std::size_t k = 0; k < full.size(); ++k) {
      ASSERT_NEAR(everything.x(2, k), full.x(2, k), 3e-6) << "round " << round;
    }
  }
}

class StcSaying : public ::testing::TestWithParam<std::string> {
 protected:
  GossipNetwork network_{stc("0.1", "0.1", GetParam()), 8, small_model(),
                         std::vector<float>(46, 0.5f)};
};
INSTANTIATE_TEST_SUITE_P(Values, StcSaying, ::testing::Values("", kAsTheyAre, kRounded),
                         [](const auto& info) { return std::to_string(info.index); });

// What was not said, or rounded off, is owed: with it the mean has moved by what was learned.
TEST_P(StcSaying, WhatWasSaidAndWhatIsOwedAreAllThatWasLearned) {
  std::vector<double> learned = network_.mean();
  for (int round = 0; round < 300; ++round) {
    const std::vector<double> before = network_.mean();
    network_.learn();
    const std::vector<double> after = network_.mean();
    for (std::size_t k = 0; k < learned.size(); ++k) learned[k] += after[k] - before[k];
    network_.round();
  }
  std::vector<double> held = network_.mean();
  for (std::size_t i = 0; i < 8; ++i) {
    StateCopy state;
    network_.method(i).walk_state(state);
    const std::vector<float>& owed = state.vectors.at("residual");
    for (std::size_t k = 0; k < held.size(); ++k) held[k] += double(owed[k]) / 8;
  }
  EXPECT_LT(relative_distance(held, learned), 5e-5);
}

TEST_P(StcSaying, NodesComeToAgreeOnTheMeanOfWhatTheyLearned) {
  network_.learn();
  const std::vector<double> learned = network_.mean();
  const double before = network_.consensus_distance();
  for (int round = 0; round < 2000; ++round) network_.round();
  EXPECT_LT(network_.consensus_distance(), 1e-6 * before);
  EXPECT_LT(relative_distance(network_.mean(), learned), 5e-5);
}

TEST_P(StcSaying, GoesOnFromItsStateAsIfItHadNeverStopped) {
  GossipNetwork second(stc("0.1", "0.1", GetParam()), 8, small_model(),
                       std::vector<float>(46, 0.5f));
  expect_same_bits(network_, second, 5);
  expect_resumes(network_, second, 5);
}

// Whoever adds up what a node says has the node's public copy, to the last bit.
TEST(Stc, BothEndsHoldTheSameCopy) {
  const std::vector<float> x0(46, 0.5f);
  GossipNetwork network(stc("0.1", "0.3"), 5, small_model(), x0);
  const Compressing listener(R"({"type": "ternary", "fraction": 0.1})", small_model());
  const Codec codec(CodecOptions{});
  std::vector<float> copy = x0;
  for (int round = 0; round < 500; ++round) {
    network.learn();
    network.round();
    listener->add(listener.heard(network.said(3), codec), 1, {copy.data(), copy.size(), {}});
  }
  StateCopy state;
  network.method(3).walk_state(state);
  EXPECT_EQ(state.vectors.at("public_copy"), copy);
}

TEST(Stc, TakesABitAnIndexBesideTheIndices) {
  ParameterLayout layout;
  layout.add("x", {10'000});
  const auto message = [&](const std::string& more) {
    GossipNetwork network(stc("0.01", "0.3", more), 3, layout, std::vector<float>(10'000));
    network.learn();
    network.round();
    return network.said(0);
  };
  const Body ternary = message("");
  EXPECT_EQ(ternary.size() - ternary.metadata_bytes(), 13u);  // 100 signs
  EXPECT_LT(ternary.metadata_bytes(), 4u + 2 + 110);          // one magnitude; Rice: 8.1 bits each
  const Body numbers = message(kAsTheyAre);
  EXPECT_EQ(numbers.size() - numbers.metadata_bytes(), 400u);
}

TEST(Stc, NeedsAnAlphaAndAGamma) {
  const auto refusal = [](const std::string& json) {
    return message_of<ConfigError>([&] { GossipNetwork(json, 3, small_model()); });
  };
  EXPECT_THAT(refusal(R"({"type": "stc", "gamma": 1})"),
              ::testing::StartsWith("run.json: /sharing: missing \"alpha\""));
  EXPECT_THAT(refusal(R"({"type": "stc", "alpha": 1})"),
              ::testing::StartsWith("run.json: /sharing: missing \"gamma\""));
  EXPECT_EQ(refusal(stc("0", "1")),
            "run.json: /sharing/alpha: must be above 0 and at most 1, got 0");
}

}  // namespace
}  // namespace kith
