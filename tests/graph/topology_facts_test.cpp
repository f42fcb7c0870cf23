#include "graph/topology_facts.h"

#include <algorithm>

#include "graph/graph_testing.h"

namespace kith {
namespace {

TEST(TopologyFacts, AreToldInOrderWithoutThoseThatDoNotApply) {
  const std::vector<Fact> facts = TopologyFacts{.degree = "2", .source = "a paper"};
  ASSERT_EQ(facts.size(), 2u);
  EXPECT_EQ(facts[0].name, "degree");
  EXPECT_EQ(facts[0].text, "2");
  EXPECT_EQ(facts[1].name, "source");
}

TEST(TopologyFacts, StandBesideTheOptionsOfAKind) {
  const auto facts = Schedule::registry().describe("star").facts;
  const auto gap = std::ranges::find(facts, "spectral_gap", &Fact::name);
  ASSERT_NE(gap, facts.end());
  EXPECT_EQ(gap->text, "1/n for n ≥ 3");
  EXPECT_TRUE(Weights::registry().describe("fdla").facts.empty());
}

}  // namespace
}  // namespace kith
