#include <gmock/gmock.h>

#include <bit>
#include <cstring>
#include <limits>

#include "compression/messages.h"
#include "sharing/change_reference.h"
#include "support/quadratic_run.h"
#include "support/source_folder.h"

namespace kith {
namespace {

const std::string kPlain = R"({"indices": "none", "values": "none"})";

std::string partial(const std::string& alpha, const std::string& accumulation = "none",
                    const std::string& codec = "{}") {
  return R"({"type": "partial", "alpha": )" + alpha + R"(, "accumulation": ")" + accumulation +
         R"(", "codec": )" + codec + '}';
}

ParameterLayout one_tensor(std::int64_t size) {
  ParameterLayout layout;
  layout.add("x", {size});
  return layout;
}

/// The coordinates and values of a message with codec kPlain.
Compressed heard(const Body& body) {
  const std::size_t count = body.size() / 8;
  Compressed part = message(std::vector<std::uint32_t>(count), std::vector<float>(count));
  std::memcpy(part.indices.data(), body.coded().data(), 4 * count);
  std::memcpy(part.values.data(), body.coded().data() + 4 * count, 4 * count);
  return part;
}

class PartialBy : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Accumulation, PartialBy,
                         ::testing::Values("none", "local", "paper", "legacy"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(PartialBy, SayingEverythingIsFullSharingToTheLastBit) {
  for (const char* options : {R"("alpha": 1)", R"("alpha": 0.3, "metadata_cap": 0.3)"}) {
    GossipNetwork everything(R"({"type": "partial", "accumulation": ")" + std::string(GetParam()) +
                                 "\", " + options + '}',
                             5, small_model());
    GossipNetwork full(R"("full")", 5, small_model());
    expect_same_bits(everything, full, 20);
    EXPECT_EQ(everything.said(2).size(), 4 * small_model().size);
    EXPECT_EQ(everything.said(2).metadata_bytes(), 0u);
  }
}

TEST_P(PartialBy, IsTheAverageWithOnesOwnValuesInTheGaps) {
  for (const auto& [alpha, count] : {std::pair{"0.1", 5}, {"0.5", 23}, {"0.98", 45}}) {
    GossipNetwork network(partial(alpha, GetParam(), kPlain), 5, small_model());
    ChangeReference reference;
    reference.accumulation = GetParam();
    reference.count = [count](std::size_t) { return static_cast<std::size_t>(count); };
    expect_as_reference(network, reference, 30);
    for (std::size_t i = 0; i < 5; ++i) {
      EXPECT_THAT(heard(network.said(i)).indices, ::testing::ElementsAreArray(reference.said(i)));
    }
  }
}

TEST_P(PartialBy, GoesOnFromItsStateAsIfItHadNeverStopped) {
  const std::string sharing = partial("0.2", GetParam());
  GossipNetwork first(sharing, 4, small_model()), second(sharing, 4, small_model());
  expect_same_bits(first, second, 6);
  expect_resumes(first, second, 6);
}

TEST(Partial, SaysValuesNotChangesOfWhatChangedMost) {
  GossipNetwork network(partial("0.25", "none", kPlain), 3, one_tensor(8));
  for (const std::size_t k : {1, 4, 6}) network.x(0, k) += k == 4 ? -3.0f : 2.0f;
  const float first = network.x(0, 1), largest = network.x(0, 4);
  network.round();
  const Compressed said = heard(network.said(0));
  EXPECT_THAT(said.indices, ::testing::ElementsAre(1, 4));  // of equals the lower
  EXPECT_THAT(said.values, ::testing::ElementsAre(first, largest));
}

TEST(Partial, WhatNobodySaidStaysAsItIs) {
  GossipNetwork network(partial("0.1", "paper", kPlain), 6, one_tensor(100));
  for (int round = 0; round < 50; ++round) {
    network.learn();
    std::vector<std::vector<float>> before;
    for (std::size_t i = 0; i < 6; ++i) {
      const ConstArrayView x = network.vector(i)->view();
      before.emplace_back(x.begin(), x.end());
    }
    network.round();
    for (std::size_t i = 0; i < 6; ++i) {
      std::vector<bool> said(100);
      for (const std::size_t j : {(i + 5) % 6, (i + 1) % 6}) {
        for (const std::uint32_t k : heard(network.said(j)).indices) said[k] = true;
      }
      for (std::size_t k = 0; k < 100; ++k) {
        if (said[k]) continue;
        ASSERT_EQ(network.x(i, k), before[i][k]);
      }
    }
  }
}

// Nodes that learn once and then only talk. What has changed is said sooner or later, if changes
// are kept; without an accumulator what was not said at once is never said.
TEST(Partial, EveryChangeIsSaidAtLastIfChangesAreKept) {
  const auto distance_left = [](const std::string& accumulation) {
    GossipNetwork network(partial("0.05", accumulation), 8, one_tensor(60),
                          std::vector<float>(60, 1.0f));
    network.learn();
    const double before = network.consensus_distance();
    for (int round = 0; round < 4000; ++round) network.round();
    return network.consensus_distance() / before;
  };
  EXPECT_GT(distance_left("none"), 0.5);
  EXPECT_LT(distance_left("paper"), 1e-10);
  EXPECT_LT(distance_left("legacy"), 1e-10);
}

// One's own changes: those alone are kept, so those alone are all said.
TEST(Partial, EveryLocalChangeIsSaidIfThoseAreKept) {
  GossipNetwork network(partial("0.05", "local", kPlain), 8, one_tensor(60),
                        std::vector<float>(60, 1.0f));
  network.learn();
  std::vector<bool> said(60);
  for (int round = 0; round < 20; ++round) {
    network.round();
    for (const std::uint32_t k : heard(network.said(3)).indices) {
      EXPECT_FALSE(said[k]) << k << " was said twice, though nothing was learned since";
      said[k] = true;
    }
  }
  EXPECT_THAT(said, ::testing::Each(true));
}

TEST(Partial, TakesTheBytesThatWereWorkedOutBeforehand) {
  GossipNetwork network(partial("0.01", "none", kPlain), 3, one_tensor(1'000'003));
  network.learn();
  network.round();
  EXPECT_EQ(2 * network.said(0).size(), 160'000u);  // to two neighbors
  EXPECT_EQ(network.said(0).metadata_bytes(), 40'000u);

  const auto file = source_folder() / "../shared/oracles/message_bytes.json";
  if (!std::ifstream(file)) GTEST_SKIP() << "NOT CHECKED: message_bytes.json is not there";
  const Config example = Config::load(file).at("examples");
  EXPECT_EQ(example.at("d").to_integer(), 1'000'003);
  EXPECT_EQ(std::int64_t(2 * network.said(0).size()), example.at("topk_1pct_ring").to_integer());
}

TEST(Partial, ItsCodecMakesMessagesShorter) {
  const auto bytes = [](const std::string& codec) {
    GossipNetwork network(partial("0.1", "none", codec), 3, one_tensor(10'000));
    network.learn();
    network.round();
    return network.said(0).size();
  };
  EXPECT_EQ(bytes(kPlain), 8000u);
  EXPECT_LT(bytes("{}"), 4000u + 700u);  // Rice: less than 5 bits an index
  EXPECT_LT(bytes(R"({"values": {"type": "quantization", "levels": 127}})"), 1000u + 700u);
}

// Neighbors average with what was said; a node with its own vector as it is.
TEST(Partial, WhatACodecLosesIsLostForOthersOnly) {
  GossipNetwork network(
      partial("1", "none", R"({"values": {"type": "quantization", "levels": 2}})"), 3,
      one_tensor(4));
  const float values[3][4] = {{2, 0.9f, 0, -1}, {4, 1.9f, 0.1f, 2}, {8, 3, 4, -8}};
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t k = 0; k < 4; ++k) network.x(i, k) = values[i][k];
  }
  network.round();
  const float said_by_1[] = {4, 2, 0, 2}, said_by_2[] = {8, 4, 4, -8};
  for (std::size_t k = 0; k < 4; ++k) {
    EXPECT_NEAR(network.x(0, k), (values[0][k] + said_by_1[k] + said_by_2[k]) / 3, 1e-6);
  }
}

TEST(Partial, NamesTheNeighborWhoseMessageCannotBe) {
  const auto refusal = [](const std::string& alpha, const Body& message) {
    GossipNetwork network(partial(alpha, "none", kPlain), 4, one_tensor(10));
    return message_of<PeerError>([&] {
      network.round([&](std::size_t i, const Body& body) { return i == 2 ? message : body; });
    });
  };
  const auto words = [](const std::vector<std::uint32_t>& words) {
    std::vector<std::byte> bytes(4 * words.size());
    std::memcpy(bytes.data(), words.data(), bytes.size());
    return Body(bytes);
  };
  const auto one = std::bit_cast<std::uint32_t>(1.0f);
  EXPECT_EQ(refusal("0.2", words({3, 4, one, one})), "no error");
  EXPECT_EQ(refusal("0.2", words({3, one})),
            "node 2 sent a message that cannot be decoded: it has 0 indices, not 2");
  EXPECT_EQ(refusal("0.2", words({3, 4, 5, one, one, one})),
            "node 2 sent a message that cannot be decoded: an index is not below 10");
  EXPECT_EQ(refusal("0.2", words({3, 10, one, one})),
            "node 2 sent a message that cannot be decoded: an index is not below 10");
  EXPECT_EQ(refusal("0.2", words({4, 3, one, one})),
            "node 2 sent a message that cannot be decoded: its indices do not ascend");
  EXPECT_EQ(refusal("0.2", words({3, 4, one, 0x7fc00000})),
            "node 2 sent a message that cannot be decoded: its numbers are not finite");
  EXPECT_EQ(refusal("0.2", Body(std::make_shared<Array>(10))),
            "node 2 sent a message that cannot be decoded: it is a plain vector");
  EXPECT_THAT(refusal("1", Body(std::make_shared<Array>(9))),
              ::testing::StartsWith("node 2 sent a message that cannot be decoded: "));
  EXPECT_THAT(refusal("1", words({3, 4, one, one})),
              ::testing::StartsWith("node 2 sent a message that cannot be decoded: "));
}

TEST(Partial, NeedsAnAlphaAboveZero) {
  const auto refusal = [](const std::string& json) {
    return message_of<ConfigError>([&] { GossipNetwork(json, 3, small_model()); });
  };
  EXPECT_THAT(refusal(R"("partial")"),
              ::testing::StartsWith("run.json: /sharing: missing \"alpha\""));
  EXPECT_EQ(refusal(partial("0")),
            "run.json: /sharing/alpha: must be above 0 and at most 1, got 0");
  EXPECT_THAT(refusal(partial("0.1", "papre")), ::testing::HasSubstr("did you mean \"paper\""));
}

TEST(Partial, EndsWithTheSameBitsOnAnyNumberOfThreads) {
  TestRun run;
  QuadraticProblem(9, 50).write(run.folder() / "q.json");
  for (const std::string& sharing :
       {partial("0.1", "local"), std::string(R"({"type": "jwins", "accumulation": "legacy"})")}) {
    std::vector<Matrix> results;
    for (const int threads : {1, 4}) {
      run.run(R"({"nodes": 9, "rounds": 20, "graph": "torus", "model": "vector",
                  "dataset": {"type": "quadratics", "path": ")" +
                  (run.folder() / "q.json").string() + R"("},
                  "training": {"type": "sgd", "lr": 0.1},
                  "evaluation": {"every": 0, "record": ["parameters"]}, "sharing": )" +
                  sharing + '}',
              threads);
      results.push_back(run.parameters(20));
    }
    ASSERT_EQ(results[0].size(), 9u);
    EXPECT_EQ(results[0], results[1]);
  }
}

}  // namespace
}  // namespace kith
