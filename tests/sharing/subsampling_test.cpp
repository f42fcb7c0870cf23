#include <gmock/gmock.h>

#include <cstring>

#include "kernels/random_bits.h"
#include "sharing/change_reference.h"

namespace kith {
namespace {

std::string subsampling(const std::string& alpha, const std::string& more = "") {
  return R"({"type": "subsampling", "alpha": )" + alpha + more + '}';
}

ParameterLayout one_tensor(std::int64_t size) {
  ParameterLayout layout;
  layout.add("x", {size});
  return layout;
}

/// The coordinates whose word, one after another of the seed's stream, is below α · 2^32.
std::vector<std::size_t> drawn(const Body& body, double alpha, std::size_t size) {
  std::uint64_t seed = 0;
  std::memcpy(&seed, body.coded().data(), 8);
  Random random(seed, Purpose::kSharing);
  std::vector<std::size_t> coordinates;
  for (std::size_t k = 0; k < size; ++k) {
    if (double(random()) < std::nearbyint(alpha * 0x1p32)) coordinates.push_back(k);
  }
  return coordinates;
}

std::vector<float> values(const Body& body) {
  std::vector<float> values((body.size() - 8) / 4);
  std::memcpy(values.data(), body.coded().data() + 8, 4 * values.size());
  return values;
}

TEST(Subsampling, OfEverythingIsFullSharingToTheLastBit) {
  for (const char* scope : {"coordinate", "layer"}) {
    GossipNetwork all(subsampling("1", R"(, "scope": ")" + std::string(scope) + '"'), 5,
                      small_model());
    GossipNetwork full(R"("full")", 5, small_model());
    expect_same_bits(all, full, 20);
    EXPECT_EQ(all.said(2).size(), full.said(2).size());
    EXPECT_EQ(all.said(2).metadata_bytes(), 0u);
  }
}

TEST(Subsampling, SaysASeedAndTheValuesItStandsFor) {
  GossipNetwork network(subsampling("0.3"), 4, small_model());
  for (int round = 0; round < 10; ++round) {
    const Slot before = network.vector(1);
    network.round();
    const Body& body = network.said(1);
    const std::vector<std::size_t> coordinates = drawn(body, 0.3, network.size());
    ASSERT_EQ(body.size(), 8 + 4 * coordinates.size());
    EXPECT_EQ(body.metadata_bytes(), 8u);
    for (std::size_t k = 0; k < coordinates.size(); ++k) {
      EXPECT_EQ(values(body)[k], (*before)[coordinates[k]]);
    }
  }
}

TEST(Subsampling, IsTheAverageWithOnesOwnValuesInTheGaps) {
  constexpr std::size_t n = 5;
  GossipNetwork network(subsampling("0.4"), n, small_model());
  for (int round = 0; round < 30; ++round) {
    network.learn();
    std::vector<Slot> y;
    for (std::size_t i = 0; i < n; ++i) y.push_back(network.vector(i));
    network.round();
    for (std::size_t i = 0; i < n; ++i) {
      std::vector<double> expected(network.size());
      for (std::size_t k = 0; k < network.size(); ++k) expected[k] = (*y[i])[k];
      for (const std::size_t j : {(i + n - 1) % n, (i + 1) % n}) {
        for (const std::size_t k : drawn(network.said(j), 0.4, network.size())) {
          expected[k] += (double((*y[j])[k]) - double((*y[i])[k])) / 3;
        }
      }
      for (std::size_t k = 0; k < network.size(); ++k) {
        ASSERT_NEAR(network.x(i, k), expected[k], 1e-6) << "round " << round << ", node " << i;
      }
    }
  }
}

TEST(Subsampling, LeavesWhatNobodySaidAsItIs) {
  GossipNetwork network(subsampling("0.2"), 4, one_tensor(1000));
  const Slot before = network.vector(0);
  network.round();
  std::vector<bool> said(1000);
  for (const std::size_t j : {1u, 3u}) {
    for (const std::size_t k : drawn(network.said(j), 0.2, 1000)) said[k] = true;
  }
  std::size_t untouched = 0;
  for (std::size_t k = 0; k < 1000; ++k) {
    if (said[k]) continue;
    ++untouched;
    EXPECT_EQ(network.x(0, k), (*before)[k]);
  }
  EXPECT_GT(untouched, 500u);
}

// Each is said with probability α, whoever speaks and whenever, and no two masks are alike.
TEST(Subsampling, DrawsEveryCoordinateEquallyOften) {
  constexpr std::size_t size = 40;
  constexpr int kRounds = 2000;
  GossipNetwork network(subsampling("0.25"), 3, one_tensor(size));
  std::vector<double> counts(size);
  double together = 0;
  for (int round = 0; round < kRounds; ++round) {
    network.round();
    const auto first = drawn(network.said(0), 0.25, size),
               second = drawn(network.said(1), 0.25, size);
    for (const std::size_t k : first) ++counts[k];
    for (const std::size_t k : first) together += double(std::ranges::count(second, k));
  }
  double chi_square = 0;
  for (const double count : counts) {
    chi_square += std::pow(count - 0.25 * kRounds, 2) / (0.25 * 0.75 * kRounds);
  }
  EXPECT_LT(chi_square, 73.4);  // the 99.9 % quantile at 40 degrees of freedom
  const double expected = size * kRounds / 16.0;
  EXPECT_NEAR(together, expected, 4 * std::sqrt(expected));
}

TEST(Subsampling, ByLayerSaysTensorsWhollyOrNotAtAll) {
  GossipNetwork network(subsampling("0.5", R"(, "scope": "layer")"), 3, small_model());
  std::set<std::size_t> sizes;
  for (int round = 0; round < 100; ++round) {
    const Slot before = network.vector(1);
    network.learn();
    const Slot y = network.vector(1);
    network.round();
    const std::vector<float> said = values(network.said(1));
    std::vector<float> expected;
    const ParameterLayout layout = small_model();
    for (const std::size_t t : drawn(network.said(1), 0.5, layout.tensors.size())) {
      const auto& tensor = layout.tensors[t];
      expected.insert(expected.end(), y->data() + tensor.offset,
                      y->data() + tensor.offset + tensor.size);
    }
    ASSERT_EQ(said, expected);
    sizes.insert(said.size());
  }
  EXPECT_THAT(sizes, ::testing::ElementsAre(0, 1, 5, 6, 40, 41, 45, 46));
}

// Unlike what changed most, what is drawn at random leaves nothing out for long.
TEST(Subsampling, ComesToAgreeWholly) {
  GossipNetwork network(subsampling("0.1"), 8, small_model());
  for (int round = 0; round < 2000; ++round) network.round();
  EXPECT_LT(network.consensus_distance(), 1e-10);
}

TEST(Subsampling, GoesThroughAnyCodec) {
  GossipNetwork plain(subsampling("0.3"), 5, small_model());
  GossipNetwork packed(subsampling("0.3", R"(, "codec": {"values": ["fpzip", "zstd"]})"), 5,
                       small_model());
  expect_same_bits(plain, packed, 10);
  GossipNetwork lossy(subsampling("0.3", R"(, "codec": {"values": "quantization"})"), 5,
                      small_model());
  lossy.round();
  EXPECT_EQ(lossy.said(0).metadata_bytes(), 12u);
}

TEST(Subsampling, RefusesAMessageThatIsNotItsSeeds) {
  const auto refusal = [](Body body) {
    GossipNetwork network(subsampling("0.3"), 4, small_model());
    return message_of<PeerError>(
        [&] { network.round([&](std::size_t i, Body said) { return i == 2 ? body : said; }); });
  };
  EXPECT_EQ(refusal(Body(std::vector<std::byte>(7))), "node 2 sent a message without a seed");
  EXPECT_THAT(
      refusal(Body(std::vector<std::byte>(8))),
      ::testing::StartsWith("node 2 sent a message that cannot be decoded: it has 0 numbers"));
  EXPECT_EQ(refusal(Body(GossipNetwork(R"("full")", 1, small_model()).vector(0))),
            "node 2 sent a message without a seed");
}

}  // namespace
}  // namespace kith
