#include "mapping/mapping.h"

#include <gtest/gtest.h>

namespace kith {
namespace {

using Lists = std::vector<std::vector<Uid>>;

Placement deal(const std::string& json, std::int64_t nodes, std::int64_t processes,
               const std::vector<std::uint64_t>& work = {}) {
  return Mapping::registry()
      .read(Config::parse(json, "mapping"))
      .make()
      ->deal(nodes, processes, work);
}

std::string message_of(const std::string& json, std::int64_t nodes, std::int64_t processes) {
  try {
    deal(json, nodes, processes);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "nothing failed";
}

TEST(LinearMapping, GivesEachProcessOfEachMachineAContiguousBlock) {
  EXPECT_EQ(deal(R"("linear")", 6, 3).nodes_of, Lists({{0, 1}, {2, 3}, {4, 5}}));
}

TEST(LinearMapping, MakesTheFirstBlocksOneLongerWhenUneven) {
  EXPECT_EQ(deal(R"("linear")", 8, 3).nodes_of, Lists({{0, 1, 2}, {3, 4, 5}, {6, 7}}));
}

TEST(LinearMapping, IsADisjointCoverWithoutEmptyProcesses) {
  for (std::int64_t nodes = 1; nodes <= 20; ++nodes) {
    for (std::int64_t processes = 1; processes <= nodes; ++processes) {
      const Placement placement = deal(R"("linear")", nodes, processes);
      std::vector<Uid> all;
      for (std::size_t process = 0; process < placement.nodes_of.size(); ++process) {
        EXPECT_FALSE(placement.nodes_of[process].empty());
        for (const Uid node : placement.nodes_of[process]) {
          EXPECT_EQ(placement.process_of[std::size_t(node)], std::int32_t(process));
          EXPECT_EQ(node, Uid(all.size()));
          all.push_back(node);
        }
      }
      EXPECT_EQ(std::int64_t(all.size()), nodes);
    }
  }
}

TEST(LinearMapping, RefusesProcessesWithoutANode) {
  EXPECT_EQ(message_of(R"("linear")", 3, 4),
            "/mapping: 4 processes for 3 nodes would leave some without a node; start at most 3");
}

TEST(ManualMapping, PutsNodesWhereTheUserSays) {
  const Placement placement = deal(R"({"type": "manual", "nodes": [[3, 0], [1, 2]]})", 4, 2);
  EXPECT_EQ(placement.nodes_of, Lists({{0, 3}, {1, 2}}));
  EXPECT_EQ(placement.process_of, std::vector<std::int32_t>({0, 1, 1, 0}));
}

TEST(ManualMapping, NamesTheNodeThatIsWrong) {
  const auto message = [](const std::string& lists, std::int64_t processes) {
    return message_of(R"({"type": "manual", "nodes": )" + lists + "}", 4, processes);
  };
  EXPECT_EQ(message("[[0, 1], [3]]", 2),
            "/mapping/nodes: node 2 is missing; every node lives in one process");
  EXPECT_EQ(message("[[0, 1], [2, 1, 3]]", 2),
            "/mapping/nodes: node 1 stands twice; every node lives in one process");
  EXPECT_EQ(message("[[0, 1], [2, 3, 4]]", 2),
            "/mapping/nodes: node 4 does not exist; the run has nodes 0..3");
  EXPECT_EQ(message("[[0, 1, 2, 3], []]", 2), "/mapping/nodes: process 1 has no node");
  EXPECT_EQ(message("[[0, 1], [2, 3]]", 3),
            "/mapping/nodes: names the nodes of 2 processes, but there are 3; give one list to "
            "each, and set machines and processes_per_machine to match");
}

TEST(ManualMapping, DescribesItsNodesInWords) {
  EXPECT_EQ(Mapping::registry().describe("manual").fields[0].type, "list of lists of integers");
}

TEST(Mapping, KnowsHowManyProcessesTheConfigAsksFor) {
  const auto chosen = Mapping::registry().read(
      Config::parse(R"({"type": "linear", "machines": 2, "processes_per_machine": 3})", "mapping"));
  EXPECT_EQ(chosen.common().processes(), 6);
}

TEST(Mapping, SaysUidsInRanges) {
  EXPECT_EQ(uid_ranges({4}), "node 4");
  EXPECT_EQ(uid_ranges({0, 1, 2, 3}), "nodes 0 to 3");
  EXPECT_EQ(uid_ranges({0, 1, 5, 7, 8, 9}), "nodes 0, 1, 5, 7 to 9");
  EXPECT_EQ(uid_ranges({0, 2, 4, 6, 8, 10, 12}), "nodes 0, 2, 4, 6, 8, 10, …");
}

TEST(BalancedMapping, GivesTheNextLargestNodeToWhoHasLeast) {
  // 9 | 7, then 5 to the second, 4 to the first, 3 to the second, 1 to the first.
  EXPECT_EQ(deal(R"("balanced")", 6, 2, {5, 1, 9, 3, 4, 7}).nodes_of,
            Lists({{1, 2, 4}, {0, 3, 5}}));
}

TEST(BalancedMapping, IsWithinFourThirdsOfTheMean) {
  std::vector<std::uint64_t> work;
  std::uint64_t total = 0;
  for (std::uint64_t i = 0; i < 100; ++i) total += work.emplace_back(i * i * 7919 % 997);
  for (const std::int64_t processes : {2, 3, 7, 16}) {
    for (const auto& nodes : deal(R"("balanced")", 100, processes, work).nodes_of) {
      std::uint64_t own = 0;
      for (const Uid node : nodes) own += work[std::size_t(node)];
      EXPECT_LE(double(own), 4.0 / 3.0 * double(total) / double(processes) + 1);
    }
  }
}

TEST(BalancedMapping, DealsEvenlyWhereNothingIsKnown) {
  for (const auto& nodes : deal(R"("balanced")", 10, 4).nodes_of) {
    EXPECT_GE(nodes.size(), 2u);
    EXPECT_LE(nodes.size(), 3u);
  }
}

TEST(BalancedMapping, RefusesMoreProcessesThanNodes) {
  EXPECT_EQ(message_of(R"("balanced")", 2, 3), message_of(R"("linear")", 2, 3));
}

}  // namespace
}  // namespace kith
