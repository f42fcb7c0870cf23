#include <gtest/gtest.h>

#include "sharing/gossip_network.h"

namespace kith {
namespace {

constexpr std::size_t kSize = 33;

std::shared_ptr<Array> numbers(std::uint64_t seed) {
  auto x = std::make_shared<Array>(kSize);
  Random random(seed, Purpose::kModel);
  for (std::size_t k = 0; k < kSize; ++k) (*x)[k] = static_cast<float>(random.normal());
  return x;
}

/// What a node at numbers(0) becomes that hears numbers(1), numbers(2), … with these weights.
Array merged(const std::vector<float>& weights) {
  ParameterLayout layout;
  layout.add("x", {static_cast<std::int64_t>(kSize)});
  Reports reports;
  const auto sharing =
      Sharing::registry().standard("plain_average").make({0, 1, layout, {}, reports});
  std::vector<Body> bodies;
  std::vector<Sharing::Heard> heard;
  for (std::size_t j = 0; j < weights.size(); ++j) bodies.emplace_back(Slot(numbers(j + 1)));
  for (std::size_t j = 0; j < weights.size(); ++j) {
    heard.push_back({static_cast<Uid>(j + 1), weights[j], &bodies[j]});
  }
  Array out(kSize);
  Sharing::Turn turn;
  turn.self_weight = 0.9f;
  sharing->hear(turn, numbers(0), heard, out.view());
  return out;
}

TEST(PlainAverage, IsTheMeanOfAllWhateverTheWeights) {
  for (const std::size_t heard : {0u, 1u, 2u, 7u}) {
    const Array mean = merged(std::vector<float>(heard, 0.5f));
    const Array again = merged(std::vector<float>(heard, -3.0f));
    for (std::size_t k = 0; k < kSize; ++k) {
      double sum = 0;
      for (std::size_t j = 0; j <= heard; ++j) sum += double((*numbers(j))[k]);
      EXPECT_NEAR(mean[k], sum / double(heard + 1), 1e-6);
      EXPECT_EQ(again[k], mean[k]);
    }
  }
}

TEST(PlainAverage, ThatHeardNobodyStaysAsItIs) {
  const Array out = merged({});
  for (std::size_t k = 0; k < kSize; ++k) EXPECT_EQ(out[k], (*numbers(0))[k]);
}

// Where all degrees are equal it is gossip with Metropolis-Hastings weights.
TEST(PlainAverage, IsPlainGossipWhereDegreesAreEqual) {
  GossipNetwork mean(R"("plain_average")", 6, small_model());
  GossipNetwork gossip(R"("full")", 6, small_model());
  for (int round = 0; round < 10; ++round) {
    mean.round();
    gossip.round();
    for (std::size_t k = 0; k < mean.size(); ++k) ASSERT_EQ(mean.x(2, k), gossip.x(2, k));
  }
}

}  // namespace
}  // namespace kith
