#include "node/channel.h"

#include <gmock/gmock.h>

#include "kernels/vector_ops.h"
#include "node/node.h"
#include "node/protocol.h"
#include "support/quadratic_run.h"

namespace kith {
namespace {

/// Gossip of x, and of a twin that starts where x does and is told twice as often.
class Twins final : public Protocol {
 public:
  using Params = NoParams;
  explicit Twins(Params) {}

  Needs needs() const override { return {.row_stochastic = true}; }

  std::vector<Channel::Spec> channels() const override {
    return {{.name = "x"}, {.name = "twin", .mixes = 2}, {.name = "mass", .weighted = true}};
  }

  Task<> run(Node& self) override {
    Channel& twin = self.channel(1);
    Channel& mass = self.channel(2);
    std::ranges::copy(self.x(), twin.overwrite().data);
    co_await self.observe(0);
    for (Round round = 0; round < self.rounds(); ++round) {
      self.begin(round);
      co_await self.mix();
      co_await twin.mix();
      co_await twin.mix();
      co_await mass.mix();
      const ConstArrayView v = mass.value();
      float largest = 0;
      for (std::size_t k = 0; k < self.x().size; ++k) {
        largest = std::max(largest, std::abs(v.data[k] - self.x().data[k]));
      }
      self.report("mass_is_x", largest == 0);
      self.report("weight", v.data[v.size - 1]);
      self.report("first_of_twin", twin.value().data[0]);
      co_await self.observe(round + 1);
    }
  }
};
const Register<Protocol, Twins> twins{"twins_in_a_test", "two vectors and one with a weight"};

class Channels : public ::testing::Test {
 protected:
  void run(int rounds) {
    test_.run(JsonObject()
                  .add("nodes", 6)
                  .add("rounds", rounds)
                  .add("graph", "star")
                  .raw("model", R"({"type": "vector", "size": 5, "init": "per_node"})")
                  .raw("training", R"({"local_steps": 0})")
                  .add("node", "twins_in_a_test")
                  .raw("evaluation", R"({"every": 1, "record": ["parameters"]})")
                  .str());
  }

  double of(Round round, Uid node, const char* what) const {
    for (const Config& line : test_.events("evaluation")) {
      if (line.at("round").to_integer() == round && line.at("node").to_integer() == node) {
        return line.at(what).to_number();
      }
    }
    return NAN;
  }

  TestRun test_;
};

TEST_F(Channels, TravelApartAndAsOftenAsTheyAreMixed) {
  run(6);
  for (Uid node = 0; node < 6; ++node) {
    for (const Round round : {1, 2, 3}) {
      EXPECT_EQ(of(round, node, "first_of_twin"),
                test_.parameters(2 * round)[std::size_t(node)][0]);
    }
  }
}

TEST_F(Channels, AWeightTravelsBehindTheParameters) {
  run(3);
  for (Uid node = 0; node < 6; ++node) {
    EXPECT_EQ(of(3, node, "mass_is_x"), 1);
    EXPECT_NEAR(of(3, node, "weight"), 1, 1e-6);  // rows sum to one
  }
}

TEST_F(Channels, AreCountedByName) {
  run(2);
  for (Uid node = 0; node < 6; ++node) {
    const double receivers = node == 0 ? 5 : 1;
    EXPECT_EQ(of(2, node, "bytes_sent_x"), 2 * receivers * (64 + 20));
    EXPECT_EQ(of(2, node, "bytes_sent_twin"), 4 * receivers * (64 + 20));
    EXPECT_EQ(of(2, node, "bytes_sent_mass"), 2 * receivers * (64 + 24));
    EXPECT_EQ(of(2, node, "bytes_sent"), receivers * (6 * 84 + 2 * 88));
  }
}

}  // namespace
}  // namespace kith
