#include <gtest/gtest.h>

#include <cstring>
#include <set>

#include "compression/compressing.h"
#include "kernels/device/device_under_test.h"
#include "sharing/gossip_network.h"

namespace kith {
namespace {

/// Every sharing method, with options that use other code. `C` stands for any compressor, `c` for
/// a few.
constexpr const char* kEverySharing[] = {
    R"("full")",
    R"({"type": "full", "codec": {"values": "zstd"}})",
    R"({"type": "full", "codec": {"values": "quantization"}})",
    R"("plain_average")",
    R"({"type": "plain_average", "codec": {"values": "fpzip"}})",
    R"({"type": "partial", "alpha": 0.3})",
    R"({"type": "partial", "alpha": 0.3, "accumulation": "local"})",
    R"({"type": "partial", "alpha": 0.3, "accumulation": "paper", "codec": {"indices": "none"}})",
    R"({"type": "partial", "alpha": 0.3, "accumulation": "legacy", "codec": {"values": "lz4"}})",
    R"({"type": "partial", "alpha": 0.3, "codec": {"values": "quantization"}})",
    R"({"type": "partial", "alpha": 1, "accumulation": "legacy"})",
    R"({"type": "wavelet", "alpha": 0.3, "level": 3})",
    R"({"type": "wavelet", "alpha": 0.3, "level": 0, "accumulation": "local"})",
    R"("jwins")",
    R"({"type": "subsampling", "alpha": 0.3})",
    R"({"type": "subsampling", "alpha": 0.6, "scope": "layer", "codec": {"values": "zstd"}})",
    R"({"type": "subsampling", "alpha": 1})",
    R"({"type": "random_fragments", "fragments": 5})",
    R"({"type": "random_fragments", "fragments": 9, "average": "weights"})",
    R"({"type": "random_fragments", "fragments": 3, "copies": 2, "codec": {"values": "lz4"}})",
    R"({"type": "choco", "gamma": 0.5, "compressor": C})",
    R"({"type": "choco", "gamma": 0.5, "order": "overlapped", "compressor": c})",
    R"({"type": "dcd", "compressor": c})",
    R"({"type": "dcd", "compressor": "sign", "codec": {"values": "quantization"}})",
    R"("low_precision")",
    R"({"type": "ecd", "compressor": {"type": "qsgd", "levels": 7}})",
    R"({"type": "ecd", "compressor": {"type": "random_k", "fraction": 0.5, "unbiased": true}})",
    R"({"type": "deepsqueeze", "gamma": 0.5, "compressor": c})",
    R"({"type": "deepsqueeze", "gamma": 0.5, "compressor": c, "codec": {"values": "quantization"}})",
    R"({"type": "stc", "alpha": 0.3, "gamma": 0.5})",
    R"({"type": "stc", "alpha": 0.3, "gamma": 0.5, "ternary": false})",
    R"({"type": "moniqua", "theta": 20, "bits": 8})",
    R"({"type": "moniqua", "theta": 20, "bits": 5, "gamma": 0.5, "rounding": "stochastic"})",
    R"({"type": "powergossip", "rank": 2, "gamma": 0.7})",
    R"({"type": "powergossip", "rank": 1, "gamma": 1, "power_iterations": 3, "codec": {"values": "quantization"}})",
};

constexpr const char* kAFew[] = {
    R"({"type": "top_k", "fraction": 0.1})",
    R"({"type": "low_rank", "rank": 1})",
    R"({"type": "qsgd", "levels": 4, "scope": "layer"})",
};

std::vector<std::string> every_setting() {
  std::vector<std::string> settings;
  const auto add = [&](const std::string& sharing, const char* place, const auto& compressors) {
    const std::size_t at = sharing.find(place);
    if (at == std::string::npos) return false;
    for (const char* const compressor : compressors) {
      settings.push_back(sharing.substr(0, at + 2) + compressor + sharing.substr(at + 3));
    }
    return true;
  };
  for (const std::string sharing : kEverySharing) {
    if (add(sharing, ": C", kEveryCompressor) || add(sharing, ": c", kAFew)) continue;
    settings.push_back(sharing);
  }
  return settings;
}

class EverySharing : public ::testing::TestWithParam<std::string> {
 protected:
  static constexpr int kRounds = 3;

  static ParameterLayout layers() {
    ParameterLayout layout = small_model();
    layout.add("filters", {4, 2, 3, 3});
    layout.add("large", {21, 13});
    return layout;
  }

  /// Five nodes that start at one vector, which some methods need.
  static GossipNetwork network(const Device& device = {}) {
    const ParameterLayout layout = layers();
    return {GetParam(), 5, layout, normal_vector(layout.size, 7), device};
  }

  static void expect_same_vectors(const GossipNetwork& a, const GossipNetwork& b) {
    for (std::size_t i = 0; i < a.nodes(); ++i) {
      const Slot x = a.vector(i), y = b.vector(i);
      ASSERT_EQ(std::memcmp(x->data(), y->data(), x->size() * sizeof(float)), 0) << "node " << i;
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Settings, EverySharing, ::testing::ValuesIn(every_setting()),
                         [](const auto& info) { return std::to_string(info.index); });

TEST(SharingMethods, AreAllAmongThoseTested) {
  std::set<std::string> tested;
  for (const std::string& json : every_setting()) {
    const Config config = Config::parse(json, "test");
    tested.insert(config.is_string() ? config.to_string() : config.at("type").to_string());
  }
  for (const std::string& name : Sharing::registry().names()) {
    if (name.ends_with("_in_a_test")) continue;
    EXPECT_TRUE(tested.contains(name) || name == "fft") << name;  // fft is LibTorch's
  }
}

/// A message as it comes from another process; vectors come as they are.
Body from_elsewhere(const Body& body) { return body.floats().size > 0 ? body : in_bytes(body); }

TEST_P(EverySharing, HearsFromItsOwnProcessWhatItWouldHearFromAnother) {
  GossipNetwork within = network(), between = network();
  for (int round = 0; round < kRounds; ++round) {
    within.learn();
    between.learn();
    within.round();
    between.round([](std::size_t, const Body& body) { return from_elsewhere(body); });
    expect_same_vectors(within, between);
  }
}

TEST_P(EverySharing, SaysAsManyBytesAsItCounts) {
  GossipNetwork nodes = network();
  for (int round = 0; round < kRounds; ++round) {
    nodes.learn();
    nodes.round([](std::size_t, const Body& body) {
      const std::size_t bytes =
          body.floats().size > 0 ? 4 * body.floats().size : body.coded().size();
      EXPECT_EQ(bytes, body.size());
      return body;
    });
  }
}

// The processor plays the device, whose memory the host may not touch.
TEST_P(EverySharing, HasTheBitsOfTheProcessorOnADevice) {
  const Device device = kernels::device_under_test().device;
  GossipNetwork here = network(), there = network(device), between = network(device);
  ASSERT_TRUE(there.method(0).on_device());
  for (int round = 0; round < kRounds; ++round) {
    for (GossipNetwork* const nodes : {&here, &there, &between}) nodes->learn();
    here.round();
    there.round();
    between.round([](std::size_t, const Body& body) { return from_elsewhere(body); });
    expect_same_vectors(here, there);
    expect_same_vectors(here, between);
  }
}

}  // namespace
}  // namespace kith
