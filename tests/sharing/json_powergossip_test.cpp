#include <fstream>
#include <nlohmann/json.hpp>

#include "sharing/gossip_network.h"
#include "support/source_folder.h"

namespace kith {
namespace {

using nlohmann::json;

/// Every edge begins with this P.
class StartAt final : public StateWalker {
 public:
  explicit StartAt(std::vector<float> p) : p_(std::move(p)) {}

  void tensor(std::string_view name, ArrayView values) override {
    if (name.starts_with("p.")) std::ranges::copy(p_, values.begin());
  }

 private:
  std::vector<float> p_;
};

TEST(PowerGossip, IsThatOfTheIndependentComputation) {
  std::ifstream stream(source_folder() / "../shared/oracles/powergossip.json");
  if (!stream) GTEST_SKIP() << "NOT CHECKED: powergossip.json is not there";
  const json oracle = json::parse(stream);
  const std::size_t rows = oracle.at("X")[0].size(), columns = oracle.at("X")[0][0].size();
  ParameterLayout layout;
  layout.add("weight", {static_cast<std::int64_t>(rows), static_cast<std::int64_t>(columns)});
  GossipNetwork network(R"({"type": "powergossip", "rank": 1, "gamma": 1})", oracle.at("X").size(),
                        layout);
  StartAt start(oracle.at("p0"));
  for (std::size_t i = 0; i < network.nodes(); ++i) {
    network.method(i).walk_state(start);
    for (std::size_t k = 0; k < network.size(); ++k) {
      network.x(i, k) = oracle.at("X")[i][k / columns][k % columns];
    }
  }
  const std::vector<double> mean = network.mean();
  for (int round = 1; round <= 200; ++round) {
    network.round();
    const std::string key = std::to_string(round);
    if (oracle.at("trace").contains(key)) {
      for (std::size_t i = 0; i < network.nodes(); ++i) {
        for (std::size_t k = 0; k < network.size(); ++k) {
          const double expected = oracle.at("trace").at(key)[i][k / columns][k % columns];
          EXPECT_NEAR(network.x(i, k), expected, 1e-5) << "round " << round;
        }
      }
    }
    if (oracle.at("sq_consensus_error").contains(key)) {
      const double expected = oracle.at("sq_consensus_error").at(key);
      const double error = double(network.nodes()) * network.consensus_distance();
      EXPECT_NEAR(error, expected, 1e-4 * expected + 1e-6) << "round " << round;
    }
  }
  EXPECT_LT(relative_distance(network.mean(), mean), 1e-6);
}

}  // namespace
}  // namespace kith
