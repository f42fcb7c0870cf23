#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compression/compressing.h"
#include "sharing/gossip_network.h"
#include "support/folder.h"

namespace kith {
namespace {

std::string choco(const std::string& gamma, const std::string& compressor,
                  const std::string& order = "blocking") {
  return R"({"type": "choco", "gamma": )" + gamma + R"(, "order": ")" + order +
         R"(", "compressor": )" + compressor + '}';
}

const std::string kTop = R"({"type": "top_k", "fraction": 0.1})";

TEST(Choco, WithoutCompressionIsPlainGossip) {
  GossipNetwork compressed(choco("1", R"("identity")"), 5, small_model());
  GossipNetwork plain(R"("full")", 5, small_model());
  for (int round = 0; round < 20; ++round) {
    compressed.round();
    plain.round();
    for (std::size_t i = 0; i < 5; ++i) {
      for (std::size_t k = 0; k < plain.size(); ++k) {
        ASSERT_NEAR(compressed.x(i, k), plain.x(i, k), 3e-6) << "round " << round;
      }
    }
  }
}

/// Compressors, with a γ that suits each.
struct Lossy {
  const char* gamma;
  std::string compressor;
};

class ChocoWith : public ::testing::TestWithParam<Lossy> {};

INSTANTIATE_TEST_SUITE_P(
    Compressors, ChocoWith,
    ::testing::Values(
        Lossy{"0.15", kTop}, Lossy{"0.15", R"({"type": "random_k", "fraction": 0.1})"},
        Lossy{"0.3", R"("sign")"}, Lossy{"0.1", R"({"type": "ternary", "fraction": 0.1})"},
        Lossy{"0.3", R"({"type": "qsgd", "levels": 4, "unbiased": false})"},
        Lossy{"0.8", R"({"type": "uniform", "bits": 4})"}, Lossy{"1", R"("minmax_uint8")"},
        Lossy{"1", R"("bf16")"}, Lossy{"0.3", R"({"type": "low_rank", "rank": 1})"}),
    [](const auto& info) { return std::to_string(info.index); });

TEST_P(ChocoWith, TheNetworksMeanStaysWhereItIs) {
  for (const char* order : {"blocking", "overlapped"}) {
    GossipNetwork network(choco(GetParam().gamma, GetParam().compressor, order), 8, small_model());
    const std::vector<double> before = network.mean();
    for (int round = 0; round < 500; ++round) network.round();
    EXPECT_LT(relative_distance(network.mean(), before), 5e-5) << order;
  }
}

TEST_P(ChocoWith, TheNetworkAgreesThoughEachMessageLosesSomething) {
  for (const char* order : {"blocking", "overlapped"}) {
    GossipNetwork network(choco(GetParam().gamma, GetParam().compressor, order), 8, small_model());
    const double before = network.consensus_distance();
    for (int round = 0; round < 500; ++round) network.round();
    EXPECT_LT(network.consensus_distance(), 1e-3 * before) << order;
  }
}

// Whoever adds up what a node says has the node's public copy, to the last bit.
TEST_P(ChocoWith, BothEndsHoldTheSameCopy) {
  GossipNetwork network(choco(GetParam().gamma, GetParam().compressor), 5, small_model());
  const Compressing listener(GetParam().compressor, small_model());
  const Codec codec(CodecOptions{});
  std::vector<float> copy(network.size());
  for (int round = 0; round < 500; ++round) {
    network.round();
    listener->add(listener.heard(network.said(3), codec), 1, {copy.data(), copy.size(), {}});
  }
  StateCopy state;
  network.method(3).walk_state(state);
  EXPECT_EQ(state.vectors.at("public_copy"), copy);
}

// Unlike plain sparsified gossip, which stalls: what a message leaves out comes with a later one.
TEST(Choco, ComesToAgreeWhollyThoughItsMessagesStayAsLossy) {
  GossipNetwork network(choco("0.15", kTop), 8, small_model());
  for (int round = 0; round < 4000; ++round) network.round();
  EXPECT_LT(network.consensus_distance(), 1e-11);
}

TEST(Choco, OverlappedItMovesByWhatWasHeardBefore) {
  GossipNetwork network(choco("0.5", R"("identity")", "overlapped"), 4, small_model());
  const float before = network.x(2, 3);
  network.round();
  EXPECT_EQ(network.x(2, 3), before);  // all copies were zero
  network.round();
  EXPECT_NE(network.x(2, 3), before);
}

TEST(Choco, SendsWhatItsCompressorSays) {
  GossipNetwork network(choco("0.5", R"({"type": "top_k", "k": 3})"), 4, small_model());
  network.round();
  // A byte of Rice's parameter, and 3 gaps of 46 coordinates in 12 to 24 bits.
  EXPECT_EQ(network.said(0).size(), network.said(0).metadata_bytes() + 12);
  EXPECT_GE(network.said(0).metadata_bytes(), 3u);
  EXPECT_LE(network.said(0).metadata_bytes(), 4u);
}

TEST(Choco, GoesOnFromItsStateAsIfItHadNeverStopped) {
  for (const char* compressor : {R"("sign")", R"({"type": "low_rank", "rank": 1})"}) {
    GossipNetwork first(choco("0.3", compressor), 4, small_model());
    GossipNetwork second(choco("0.3", compressor), 4, small_model());
    for (int round = 0; round < 7; ++round) first.round();
    for (int round = 0; round < 7; ++round) second.round();
    for (int round = 0; round < 3; ++round) second.round();  // then thrown back by three rounds
    second.rewind(3);
    for (std::size_t i = 0; i < 4; ++i) {
      StateCopy state;
      first.method(i).walk_state(state);
      state.restores = true;
      second.method(i).walk_state(state);
      for (std::size_t k = 0; k < first.size(); ++k) second.x(i, k) = first.x(i, k);
    }
    for (int round = 0; round < 5; ++round) {
      first.round();
      second.round();
    }
    for (std::size_t k = 0; k < first.size(); ++k) EXPECT_EQ(second.x(1, k), first.x(1, k));
  }
}

TEST(Choco, NamesTheNeighborWhoseMessageCannotBe) {
  GossipNetwork network(choco("0.5", kTop), 4, small_model());
  const auto shorten = [](std::size_t i, Body body) {
    return i == 2 ? Body(std::vector<std::byte>(19)) : body;
  };
  EXPECT_EQ(message_of<PeerError>([&] { network.round(shorten); }),
            "node 2 sent a message that cannot be decoded: it ends in its numbers");
}

TEST(Choco, NeedsAGammaAndACompressor) {
  const auto refusal = [](const std::string& json) {
    return message_of<ConfigError>([&] { GossipNetwork(json, 3, small_model()); });
  };
  EXPECT_THAT(refusal(R"({"type": "choco", "compressor": "sign"})"),
              ::testing::StartsWith("run.json: /sharing: missing \"gamma\""));
  EXPECT_THAT(refusal(R"({"type": "choco", "gamma": 0.5})"),
              ::testing::StartsWith("run.json: /sharing: missing \"compressor\""));
  EXPECT_EQ(refusal(choco("1.5", kTop)),
            "run.json: /sharing/gamma: must be above 0 and at most 1, got 1.5");
}

}  // namespace
}  // namespace kith
