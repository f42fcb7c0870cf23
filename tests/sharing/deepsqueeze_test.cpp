#include <gtest/gtest.h>

#include "compression/compressing.h"
#include "sharing/gossip_network.h"

namespace kith {
namespace {

std::string deepsqueeze(const std::string& gamma, const std::string& compressor) {
  return R"({"type": "deepsqueeze", "gamma": )" + gamma + R"(, "compressor": )" + compressor + '}';
}

TEST(DeepSqueeze, WithoutCompressionIsPlainGossip) {
  GossipNetwork compressed(deepsqueeze("1", R"("identity")"), 5, small_model());
  GossipNetwork plain(R"("full")", 5, small_model());
  for (int round = 0; round < 20; ++round) {
    compressed.round();
    plain.round();
    for (std::size_t k = 0; k < plain.size(); ++k) {
      ASSERT_NEAR(compressed.x(2, k), plain.x(2, k), 2e-6) << "round " << round;
    }
  }
}

TEST(DeepSqueeze, TheNetworksMeanStaysWhereItIs) {
  for (const char* compressor :
       {R"({"type": "top_k", "fraction": 0.2})", R"("sign")", R"("bf16")"}) {
    GossipNetwork network(deepsqueeze("0.1", compressor), 8, small_model());
    const std::vector<double> before = network.mean();
    for (int round = 0; round < 500; ++round) network.round();
    EXPECT_LT(relative_distance(network.mean(), before), 5e-5) << compressor;
  }
}

TEST(DeepSqueeze, WhatItLosesItSaysLater) {
  const char* const top = R"({"type": "top_k", "fraction": 0.2})";
  GossipNetwork network(deepsqueeze("0.05", top), 8, small_model());
  const double before = network.consensus_distance();
  for (int round = 0; round < 1000; ++round) network.round();
  EXPECT_LT(network.consensus_distance(), 0.05 * before);

  // All it ever said and what it still owes are all it ever wanted to say.
  GossipNetwork again(deepsqueeze("0.05", top), 8, small_model());
  const Compressing listener(top, small_model());
  const Codec codec(CodecOptions{});
  std::vector<double> wanted(again.size()), said(again.size());
  for (int round = 0; round < 50; ++round) {
    for (std::size_t k = 0; k < again.size(); ++k) wanted[k] += double(again.x(0, k));
    again.round();
    const Compressed message = listener.heard(again.said(0), codec);
    for (std::size_t i = 0; i < message.indices.size(); ++i) {
      said[message.indices[i]] += double(message.values[i]);
    }
  }
  StateCopy state;
  again.method(0).walk_state(state);
  const std::vector<float>& owed = state.vectors.at("error");
  for (std::size_t k = 0; k < again.size(); ++k) EXPECT_NEAR(said[k] + owed[k], wanted[k], 1e-4);
}

}  // namespace
}  // namespace kith
