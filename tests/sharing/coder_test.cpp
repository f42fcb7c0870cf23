#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compression/codec_testing.h"
#include "compression/compressing.h"
#include "sharing/gossip_network.h"
#include "support/quadratic_run.h"

namespace kith {
namespace {

const std::vector<float> kStart = normal_vector(small_model().size, 1);
const std::string kTop = R"({"type": "top_k", "fraction": 0.2})";

/// A compressing method with a codec: `method` are its type and options.
std::string with_codec(const std::string& method, const std::string& compressor,
                       const std::string& codec) {
  return "{" + method + R"(, "compressor": )" + compressor + R"(, "codec": )" + codec + "}";
}

std::string choco(const std::string& codec, const std::string& compressor = kTop) {
  return with_codec(R"("type": "choco", "gamma": 0.2)", compressor, codec);
}

/// A node's messages added up by somebody who hears them all.
class Listener {
 public:
  Listener(const std::string& compressor, const std::string& codec)
      : listener_(compressor, small_model()), codec_(codec_options(codec)) {}

  void hear(const Body& body, std::vector<float>& sum) const {
    listener_->add(listener_.heard(body, codec_), 1, {sum.data(), sum.size(), {}});
  }

 private:
  Compressing listener_;
  Codec codec_;
};

class LossySpeech : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(
    Codecs, LossySpeech,
    ::testing::Values(R"({"values": "quantization"})",
                      R"({"values": {"type": "quantization", "levels": 100}})",
                      R"({"indices": "varint", "values": [{"type": "quantization", "levels": 127},
                          "zstd"]})",
                      R"({"values": {"type": "fpzip", "precision": 12}})",
                      R"({"indices": "bitpack", "values": [{"type": "fpzip", "precision": 16},
                          "lz4"]})"),
    [](const auto& info) { return std::to_string(info.index); });

TEST_P(LossySpeech, BothEndsOfChocoHoldTheSameCopy) {
  for (const char* compressor : {R"({"type": "top_k", "fraction": 0.2})", R"("identity")",
                                 R"({"type": "low_rank", "rank": 1})"}) {
    GossipNetwork network(choco(GetParam(), compressor), 5, small_model());
    const Listener listener(compressor, GetParam());
    std::vector<float> copy(network.size());
    for (int round = 0; round < 500; ++round) {
      network.learn();
      network.round();
      listener.hear(network.said(3), copy);
    }
    StateCopy state;
    network.method(3).walk_state(state);
    EXPECT_EQ(state.vectors.at("public_copy"), copy) << compressor;
  }
}

TEST_P(LossySpeech, ANodeOfDcdIsTheSumOfWhatItSaid) {
  GossipNetwork network(with_codec(R"("type": "dcd")", R"("identity")", GetParam()), 6,
                        small_model(), kStart);
  const Listener listener(R"("identity")", GetParam());
  std::vector<float> heard = kStart;
  for (int round = 0; round < 500; ++round) {
    network.learn();
    network.round();
    listener.hear(network.said(4), heard);
  }
  for (std::size_t k = 0; k < heard.size(); ++k) ASSERT_EQ(network.x(4, k), heard[k]);
}

TEST_P(LossySpeech, WhatTheCodecLosesDeepSqueezeOwes) {
  GossipNetwork network(with_codec(R"("type": "deepsqueeze", "gamma": 0.1)", kTop, GetParam()), 5,
                        small_model());
  const Listener listener(kTop, GetParam());
  std::vector<float> said(network.size());
  std::vector<double> wanted(network.size());
  for (int round = 0; round < 50; ++round) {
    for (std::size_t k = 0; k < network.size(); ++k) wanted[k] += double(network.x(0, k));
    network.round();
    listener.hear(network.said(0), said);
  }
  StateCopy state;
  network.method(0).walk_state(state);
  for (std::size_t k = 0; k < network.size(); ++k) {
    EXPECT_NEAR(said[k] + state.vectors.at("error")[k], wanted[k], 1e-4);
  }
}

TEST_P(LossySpeech, TheNetworksMeanStaysWhereItIs) {
  GossipNetwork network(choco(GetParam()), 8, small_model());
  const std::vector<double> before = network.mean();
  const double apart = network.consensus_distance();
  for (int round = 0; round < 500; ++round) network.round();
  EXPECT_LT(relative_distance(network.mean(), before), 5e-5);
  EXPECT_LT(network.consensus_distance(), 1e-3 * apart);
}

TEST(LosslessSpeech, IsTheSameInAllCodecs) {
  GossipNetwork plain(choco(R"({"indices": "none"})"), 5, small_model());
  std::vector<std::string> codecs;
  for (const std::string& indices : kIndexCodecs)
    codecs.push_back(R"({"indices": )" + indices + '}');
  for (const std::string& values : kLosslessCodecs)
    codecs.push_back(R"({"values": )" + values + '}');
  std::vector<std::unique_ptr<GossipNetwork>> networks;
  for (const std::string& codec : codecs) {
    networks.push_back(std::make_unique<GossipNetwork>(choco(codec), 5, small_model()));
  }
  for (int round = 0; round < 20; ++round) {
    plain.round();
    for (std::size_t i = 0; i < codecs.size(); ++i) {
      networks[i]->round();
      for (std::size_t k = 0; k < plain.size(); ++k) {
        ASSERT_EQ(networks[i]->x(2, k), plain.x(2, k)) << codecs[i];
      }
    }
  }
}

TEST(CodedVectors, ArePlainGossipBitForBitWhereTheCodecLosesNothing) {
  for (const std::string& values : kLosslessCodecs) {
    GossipNetwork plain(R"("full")", 6, small_model());
    GossipNetwork coded(R"({"type": "full", "codec": {"values": )" + values + "}}", 6,
                        small_model());
    for (int round = 0; round < 10; ++round) {
      plain.round();
      coded.round();
    }
    for (std::size_t k = 0; k < plain.size(); ++k)
      EXPECT_EQ(coded.x(4, k), plain.x(4, k)) << values;
  }
}

TEST(CodedVectors, AreAsNearToPlainGossipAsTheCodecIsPrecise) {
  GossipNetwork plain(R"("full")", 6, small_model());
  GossipNetwork coded(R"({"type": "full", "codec": {"values": "quantization"}})", 6, small_model());
  for (int round = 0; round < 20; ++round) {
    plain.round();
    coded.round();
  }
  double largest = 0;
  for (std::size_t k = 0; k < plain.size(); ++k) {
    largest = std::max(largest, std::abs(double(coded.x(4, k)) - double(plain.x(4, k))));
  }
  EXPECT_GT(largest, 0);
  EXPECT_LT(largest, 20 * 4.0 / 65534);  // half a step of 4/32767 a round, at most
  EXPECT_EQ(coded.said(0).size(), 4 + 2 * small_model().size);
  EXPECT_EQ(coded.said(0).metadata_bytes(), 4u);
}

/// Six nodes of 200 normal numbers on a ring, which only gossip.
std::string run_config(const std::string& sharing) {
  return R"({"name": "coded", "nodes": 6, "rounds": 5, "graph": "ring",
             "model": {"type": "vector", "size": 200, "init": "per_node"},
             "training": {"type": "sgd", "local_steps": 0}, "sharing": )" +
         sharing + '}';
}

TEST(SpeechBytes, AreCountedWithTheirMetadata) {
  const auto counted = [](const std::string& sharing, std::int64_t bytes, std::int64_t metadata) {
    TestRun runs;
    runs.run(run_config(sharing));
    for (const Config& line : runs.events("evaluation")) {
      const std::int64_t messages = 2 * line.at("round").to_integer();  // to two neighbors
      EXPECT_EQ(line.at("bytes_sent").to_integer(), messages * (64 + bytes)) << sharing;
      EXPECT_EQ(line.at("metadata_bytes_sent").to_integer(), messages * (64 + metadata)) << sharing;
    }
  };
  const std::string top = R"({"type": "top_k", "k": 100})";
  counted(choco(R"({"indices": "none"})", top), 800, 400);
  // 100 indices of 8 bits; a scale, and 100 numbers of 16 bits.
  counted(choco(R"({"indices": "bitpack", "values": "quantization"})", top), 100 + 4 + 200, 104);
  // A sign bit a number, and a scale.
  counted(choco("{}", R"("sign")"), 4 + 25, 4);
  // Eight bits a number, and the smallest and the largest one.
  counted(choco("{}", R"("minmax_uint8")"), 8 + 200, 8);
  counted(R"("full")", 800, 0);
}

}  // namespace
}  // namespace kith
