#include "graph/schedule.h"

#include <gmock/gmock.h>

#include <array>
#include <functional>
#include <thread>

#include "graph/schedule_testing.h"

namespace kith {
namespace {

enum class Claim { kSymmetric, kDoublyStochastic, kRowStochastic };

struct Case {
  const char* graph;
  std::vector<std::int64_t> nodes;
  Claim claim = Claim::kSymmetric;
};

const Case kCases[] = {
    {R"("one_peer_exponential")", {1, 2, 3, 8, 11, 30}, Claim::kDoublyStochastic},
    {R"("one_peer_hypercube")", {1, 2, 4, 32}},
    {R"("one_peer_ring")", {2, 4, 10}},
    {R"({"type": "alternating_exp_ring", "nodes_per_machine": 3})", {6, 12, 24}},
    {R"({"type": "alternating_exp_ring", "nodes_per_machine": 1})", {2, 16}},
    {R"("shift_one")", {2, 4, 14}},
    {R"("random_matching")", {1, 2, 3, 16, 17}},
    {R"({"type": "random_regular", "degree": 4})", {5, 9, 20}},
    {R"({"type": "epidemic", "degree": 2})", {3, 8, 25}, Claim::kRowStochastic},
    {R"({"type": "epidemic", "degree": 4})", {5, 6}, Claim::kRowStochastic},
    {R"({"type": "equidyn", "directed": true})", {1, 2, 3, 10}, Claim::kDoublyStochastic},
    {R"({"type": "equidyn", "directed": false, "eta": 0.8})", {1, 2, 3, 10, 13}},
    {R"({"type": "matcha", "budget": 0.5, "of": "ring"})", {1, 2, 7}},
    {R"({"type": "matcha", "budget": 0.3, "of": {"type": "regular", "degree": 3}})", {8}},
    {R"({"type": "base_k", "k": 1})", {1, 2, 3, 13, 22}},
    {R"({"type": "base_k", "k": 3, "simple": true})", {4, 7, 29}},
    {R"({"type": "hyper_hypercube", "k": 2})", {1, 3, 12, 27}},
};

constexpr Round kRounds = 24;

/// `check(schedule)` for every case and number of nodes.
void for_each_schedule(const std::function<void(const Case&, const Schedule&)>& check) {
  for (const Case& c : kCases) {
    for (const std::int64_t nodes : c.nodes) {
      SCOPED_TRACE(testing::Message() << c.graph << ", " << nodes << " nodes");
      check(c, *make_graph(c.graph, nodes));
    }
  }
}

TEST(Schedule, HasTheNodesOfTheRun) {
  for_each_schedule([](const Case& c, const Schedule& schedule) {
    EXPECT_TRUE(std::ranges::find(c.nodes, schedule.nodes()) != c.nodes.end());
  });
}

TEST(Schedule, SumsRowsAndColumnsToOneAsItClaims) {
  for_each_schedule([](const Case& c, const Schedule& schedule) {
    const std::int64_t n = schedule.nodes();
    for (Round t = 0; t < kRounds; ++t) {
      const Dense w = matrix(schedule, t);
      for (std::int64_t i = 0; i < n; ++i) {
        double row = 0, column = 0;
        for (std::int64_t j = 0; j < n; ++j) {
          row += w.row(i)[j];
          column += w.row(j)[i];
        }
        ASSERT_NEAR(row, 1, 1e-14);
        if (c.claim != Claim::kRowStochastic) {
          ASSERT_NEAR(column, 1, 1e-14);
        }
      }
    }
  });
}

TEST(Schedule, IsSymmetricWhereItClaimsTo) {
  for_each_schedule([](const Case& c, const Schedule& schedule) {
    if (c.claim != Claim::kSymmetric) return;
    for (Round t = 0; t < kRounds; ++t) {
      const Dense w = matrix(schedule, t);
      for (std::int64_t i = 0; i < w.nodes(); ++i) {
        for (std::int64_t j = 0; j < i; ++j) ASSERT_EQ(w.row(i)[j], w.row(j)[i]);
      }
    }
  });
}

TEST(Schedule, TellsASenderItsReceiversAndNobodyElse) {
  for_each_schedule([](const Case&, const Schedule& schedule) {
    const auto n = static_cast<Uid>(schedule.nodes());
    for (Round t = 0; t < kRounds; ++t) {
      std::vector<std::pair<Uid, Uid>> sent, heard;
      for (Uid i = 0; i < n; ++i) {
        const Neighborhood at = schedule.neighborhood(i, t);
        for (const Uid receiver : at.receivers) sent.emplace_back(i, receiver);
        for (std::size_t k = 0; k < at.senders.size(); ++k) {
          heard.emplace_back(at.senders[k].uid, i);
          ASSERT_TRUE(k == 0 || at.senders[k - 1].uid < at.senders[k].uid) << "not ascending";
          ASSERT_NE(at.senders[k].uid, i);
          ASSERT_NE(at.senders[k].weight, 0);
        }
      }
      ASSERT_TRUE(std::ranges::is_sorted(sent)) << "receivers do not ascend";
      std::ranges::sort(heard);
      ASSERT_EQ(sent, heard) << "round " << t;
    }
  });
}

TEST(Schedule, RepeatsItselfAfterItsPeriod) {
  for_each_schedule([](const Case&, const Schedule& schedule) {
    const Round period = schedule.period();
    for (Round t = 0; t < period; ++t) {
      ASSERT_EQ(matrix(schedule, t), matrix(schedule, t + period));
      ASSERT_EQ(matrix(schedule, t), matrix(schedule, t + 1'000'000 * period));
    }
  });
}

TEST(Schedule, IsAFunctionOfTheSeedAndTheRound) {
  for_each_schedule([](const Case& c, const Schedule& schedule) {
    const auto again = make_graph(c.graph, schedule.nodes());
    const auto other = make_graph(c.graph, schedule.nodes(), 2);
    bool same = true;
    for (Round t = kRounds - 1; t >= 0; --t) {  // the other way round
      ASSERT_EQ(matrix(schedule, t), matrix(*again, t));
      same &= matrix(schedule, t) == matrix(*other, t);
    }
    // A random one differs between seeds where there is anything to choose.
    const bool one_choice = schedule.nodes() < 4 || schedule.nodes() == 5;
    if (schedule.period() > 0 || !one_choice) {
      EXPECT_EQ(same, schedule.period() > 0);
    }
  });
}

TEST(Schedule, IsTheSameFromAllThreads) {
  for_each_schedule([](const Case& c, const Schedule& schedule) {
    std::vector<Dense> expected;
    for (Round t = 0; t < kRounds; ++t) expected.push_back(matrix(schedule, t));
    const auto fresh = make_graph(c.graph, schedule.nodes());
    std::array<bool, 4> right{};
    std::vector<std::thread> threads;
    for (std::size_t k = 0; k < right.size(); ++k) {
      threads.emplace_back([&, k] {
        right[k] = true;
        for (Round step = 0; step < kRounds; ++step) {
          const Round t = (step + Round(5 * k)) % kRounds;
          right[k] = right[k] && matrix(*fresh, t) == expected[std::size_t(t)];
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(std::ranges::count(right, true), 4);
  });
}

TEST(Schedule, HasAMillionNodesWithoutEffortWhereItIsComputed) {
  for (const char* graph :
       {R"("one_peer_exponential")", R"("one_peer_ring")", R"("shift_one")",
        R"({"type": "equidyn", "directed": true})", R"({"type": "equidyn", "directed": false})",
        R"({"type": "base_k", "k": 2})", R"({"type": "hyper_hypercube", "k": 9})",
        R"({"type": "alternating_exp_ring", "nodes_per_machine": 15625})"}) {
    const auto schedule = make_graph(graph, 1'000'000);
    for (Round t = 0; t < 50; ++t) {
      const Neighborhood at = schedule->neighborhood(999'999, t);
      if (!at.receivers.empty()) {
        const Neighborhood there = schedule->neighborhood(at.receivers.front(), t);
        EXPECT_TRUE(std::ranges::any_of(there.senders,
                                        [](const auto& sender) { return sender.uid == 999'999; }))
            << graph << ", round " << t;
      }
    }
  }
}

TEST(Schedule, TakesOtherWeightsOnlyWhereItHasNoneOfItsOwn) {
  const auto config = [](const std::string& graph) {
    const std::string options =
        graph.starts_with('{') ? graph.substr(1, graph.size() - 2) : R"("type": )" + graph;
    return '{' + options + R"(, "weights": {"type": "lazy", "of": "neighborhood_mean"}})";
  };
  for (const Case& c : kCases) {
    const std::int64_t nodes = c.nodes.back();
    const std::string graph = c.graph;
    if (graph.find("epidemic") == graph.npos && graph.find("random_regular") == graph.npos) {
      const std::string message =
          message_of<ConfigError>([&] { make_graph(config(graph), nodes); });
      EXPECT_THAT(message, testing::StartsWith("/graph/weights: ")) << graph;
      EXPECT_THAT(message, testing::EndsWith(
                               " brings its own weights; leave them out, or set them to null"));
      continue;
    }
    const auto own = make_graph(graph, nodes), lazy = make_graph(config(graph), nodes);
    for (Round t = 0; t < 5; ++t) {
      const Neighborhood before = own->neighborhood(1, t), after = lazy->neighborhood(1, t);
      EXPECT_EQ(after.receivers, before.receivers);
      for (std::size_t k = 0; k < before.senders.size(); ++k) {
        EXPECT_EQ(after.senders.at(k).weight, before.senders[k].weight / 2);
      }
    }
  }
}

struct Mistake {
  const char* graph;
  std::int64_t nodes;
  const char* message;
};

TEST(Schedule, SaysWhatWouldWork) {
  const Mistake mistakes[] = {
      {R"("one_peer_hypercube")", 12,
       "/nodes: must be a power of two for one_peer_hypercube, got 12; 8 or 16 would work"},
      {R"("one_peer_ring")", 7, "/nodes: must be even for one_peer_ring, got 7; 6 or 8 would work"},
      {R"("one_peer_ring")", 1, "/nodes: must be even for one_peer_ring, got 1; 2 would work"},
      {R"("shift_one")", 15, "/nodes: must be even for shift_one, got 15; 14 or 16 would work"},
      {R"({"type": "alternating_exp_ring", "nodes_per_machine": 4})", 12,
       "/graph/nodes_per_machine: must share 12 nodes among 2, 4, 8, … machines, got 4; 3 or 6 "
       "would work"},
      {R"({"type": "alternating_exp_ring", "nodes_per_machine": 8})", 8,
       "/graph/nodes_per_machine: must share 8 nodes among 2, 4, 8, … machines, got 8; 4 "
       "would work"},
      {R"({"type": "alternating_exp_ring", "nodes_per_machine": 7})", 160,
       "/graph/nodes_per_machine: must share 160 nodes among 2, 4, 8, … machines, got 7; 5 or 10 "
       "would work"},
      {R"({"type": "alternating_exp_ring", "nodes_per_machine": 3})", 9,
       "/nodes: must be even for alternating_exp_ring, got 9; 8 or 10 would work"},
      {R"({"type": "base_k", "k": 0})", 5, "graph: /k: must be at least 1, got 0"},
      {R"({"type": "hyper_hypercube", "k": 4})", 26,
       "/nodes: must be a product of factors up to 5 for hyper_hypercube with k 4, got 26; 25 or "
       "27 would work"},
      {R"({"type": "hyper_hypercube", "k": 1})", 17,
       "/nodes: must be a product of factors up to 2 for hyper_hypercube with k 1, got 17; 16 or "
       "32 would work"},
      {R"({"type": "random_regular", "degree": 3})", 15,
       "/graph/degree: nodes times degree must be even, got 15 times 3; 14 or 16 nodes or degree 2 "
       "or 4 would work"},
      {R"({"type": "epidemic", "degree": 8})", 8,
       "/graph/degree: must be below the number of nodes, 8, got 8; at most 7 others can be sent "
       "to"},
      {R"({"type": "equidyn", "directed": true, "eta": 1.5})", 8,
       "graph: /eta: must be above 0 and at most 1, got 1.5"},
      {R"({"type": "matcha", "budget": 0, "of": "ring"})", 8,
       "graph: /budget: must be above 0 and at most 1, got 0"},
      {R"({"type": "matcha", "budget": 0.5, "of": "random_matching"})", 8,
       "/graph/of: must be a graph that stays the same, got random_matching; a ring or a regular "
       "graph would work"},
      {R"({"type": "matcha", "budget": 0.5, "of": {"type": "regular", "degree": 9}})", 8,
       "/graph/of/degree: must be below the number of nodes, 8, got 9"},
      {R"({"type": "matcha", "budget": 0.5, "of": "ring"})", 1001,
       "/nodes: must be at most 1000 for matcha, whose probabilities come from eigenvalues, got "
       "1001; random_matching has no such limit"},
  };
  for (const auto& [graph, nodes, message] : mistakes) {
    EXPECT_EQ(message_of<ConfigError>([&] { make_graph(graph, nodes); }), message);
  }
}

}  // namespace
}  // namespace kith
