#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "core/json_object.h"
#include "graph/analysis.h"
#include "support/quadratic_run.h"

namespace kith {
namespace {

/// D-PSGD by the book, in float64, with W, the problem, and SGD with momentum.
class Recursion {
 public:
  Recursion(const QuadraticProblem& problem, Matrix w, double lr, double momentum, bool nesterov,
            int local_steps)
      : x(problem.x0),
        problem_(problem),
        w_(std::move(w)),
        lr_(lr),
        momentum_(momentum),
        nesterov_(nesterov),
        local_steps_(local_steps),
        m_(problem.b) {
    for (auto& row : m_) std::ranges::fill(row, 0);
  }

  void round(const std::string& order) {
    if (order == "adapt_then_combine") {
      x = times(w_, adapted(x));
    } else if (order == "combine_then_adapt") {
      x = adapted(times(w_, x));
    } else if (local_steps_ == 1) {
      const Matrix before = x;
      x = times(w_, x);
      for (std::size_t i = 0; i < x.size(); ++i) step(i, problem_.gradient(i, before[i]), x[i]);
    } else {
      const Matrix moved = adapted(x);
      const Matrix mixed = times(w_, x);
      for (std::size_t i = 0; i < x.size(); ++i) {
        for (std::size_t k = 0; k < x[i].size(); ++k) x[i][k] = mixed[i][k] + moved[i][k] - x[i][k];
      }
    }
  }

  Matrix x;

 private:
  void step(std::size_t node, const std::vector<double>& g, std::vector<double>& row) {
    for (std::size_t k = 0; k < row.size(); ++k) {
      double& m = m_[node][k];
      m = momentum_ * m + g[k];
      row[k] -= lr_ * (nesterov_ ? g[k] + momentum_ * m : m);
    }
  }

  Matrix adapted(Matrix y) {
    for (std::size_t i = 0; i < y.size(); ++i) {
      for (int s = 0; s < local_steps_; ++s) step(i, problem_.gradient(i, y[i]), y[i]);
    }
    return y;
  }

  const QuadraticProblem& problem_;
  Matrix w_;
  double lr_, momentum_;
  bool nesterov_;
  int local_steps_;
  Matrix m_;
};

struct Case {
  const char* order;
  const char* graph;
  double momentum = 0;
  bool nesterov = false;
  int local_steps = 1;
};

class DpsgdRecursion : public ::testing::TestWithParam<Case> {};

std::string config_of(const Case& c, const std::filesystem::path& data, int rounds, int nodes) {
  return JsonObject()
      .add("nodes", nodes)
      .add("rounds", rounds)
      .raw("graph", c.graph)
      .raw("dataset", JsonObject().add("type", "quadratics").add("path", data.string()).str())
      .add("model", "vector")
      .raw("training", JsonObject()
                           .add("type", "sgd")
                           .add("lr", 0.1)
                           .add("momentum", c.momentum)
                           .add("nesterov", c.nesterov)
                           .add("local_steps", c.local_steps)
                           .str())
      .raw("node", JsonObject().add("type", "dpsgd").add("order", c.order).str())
      .raw("evaluation", R"({"every": 1, "record": ["parameters"]})")
      .str();
}

TEST_P(DpsgdRecursion, FollowsItsEquationRoundByRound) {
  constexpr int kNodes = 8, kRounds = 50;
  const Case& c = GetParam();
  const QuadraticProblem problem(kNodes, 4);
  TestRun run;
  problem.write(run.folder() / "q.json");
  run.run(config_of(c, run.folder() / "q.json", kRounds, kNodes));

  const auto graph = Schedule::registry().read(Config::parse(c.graph, "test"));
  Schedule::Context context;
  context.nodes = kNodes;
  context.seed = 1;
  context.common = &graph.common();
  Recursion expected(problem, mixing_matrix_of(*graph.make(context)), 0.1, c.momentum, c.nesterov,
                     c.local_steps);
  for (int round = 0; round <= kRounds; ++round) {
    ASSERT_LT(largest_difference(run.parameters(round), expected.x), 1e-5) << "round " << round;
    expected.round(c.order);
  }
}

const Case kCases[] = {
    {"adapt_then_combine", R"("ring")"},
    {"adapt_then_combine", R"("star")"},
    {"adapt_then_combine", R"({"type": "regular", "degree": 3})"},
    {"adapt_then_combine", R"({"type": "small_world", "k": 4, "beta": 0.3})"},
    {"combine_then_adapt", R"("ring")"},
    {"combine_then_adapt", R"("star")", 0.8},
    {"combine_while_adapt", R"("ring")"},
    {"combine_while_adapt", R"("star")"},
    {"combine_while_adapt", R"("ring")", 0.5, true},
    {"combine_while_adapt", R"("ring")", 0, false, 3},
    {"adapt_then_combine", R"("ring")", 0.9},
    {"adapt_then_combine", R"("fully_connected")", 0.9, true},
    {"adapt_then_combine", R"("ring")", 0, false, 4},
    {"combine_then_adapt", R"("ring")", 0.5, true, 4},
};

INSTANTIATE_TEST_SUITE_P(Orders, DpsgdRecursion, ::testing::ValuesIn(kCases),
                         [](const auto& info) { return std::to_string(info.index); });

TEST(Dpsgd, ShortNamesOfTheOrdersMeanTheSame) {
  const QuadraticProblem problem(5, 3);
  TestRun run;
  problem.write(run.folder() / "q.json");
  const auto digest = [&](const char* order) {
    return run.run(config_of({order, R"("ring")"}, run.folder() / "q.json", 5, 5)).digest;
  };
  EXPECT_EQ(digest("atc"), digest("adapt_then_combine"));
  EXPECT_EQ(digest("cta"), digest("combine_then_adapt"));
  EXPECT_EQ(digest("awc"), digest("combine_while_adapt"));
  EXPECT_NE(digest("atc"), digest("awc"));
  EXPECT_NE(digest("atc"), digest("cta"));
}

TEST(Dpsgd, TheNetworksMeanMovesByTheMeanGradientAlone) {
  constexpr int kNodes = 7;
  const QuadraticProblem problem(kNodes, 3);
  TestRun run;
  problem.write(run.folder() / "q.json");
  run.run(config_of({"combine_while_adapt", R"("star")"}, run.folder() / "q.json", 20, kNodes));
  for (int round = 0; round < 20; ++round) {
    const Matrix x = run.parameters(round), next = run.parameters(round + 1);
    for (std::size_t k = 0; k < 3; ++k) {
      double mean = 0, next_mean = 0, gradient = 0;
      for (std::size_t i = 0; i < kNodes; ++i) {
        mean += x[i][k] / kNodes;
        next_mean += next[i][k] / kNodes;
        gradient += problem.gradient(i, x[i])[k] / kNodes;
      }
      EXPECT_NEAR(next_mean, mean - 0.1 * gradient, 1e-6);
    }
  }
}

TEST(Dpsgd, OneNodeAndTwoNodesWork) {
  for (const int nodes : {1, 2}) {
    const QuadraticProblem problem(static_cast<std::size_t>(nodes), 3);
    TestRun run;
    problem.write(run.folder() / "q.json");
    run.run(config_of({"adapt_then_combine", R"("ring")"}, run.folder() / "q.json", 500, nodes));
    // The optimum of one node is its own b; two nodes agree exactly on W = J.
    const Matrix x = run.parameters(500);
    EXPECT_LT(largest_difference(nodes == 1 ? problem.b : Matrix(2, x[0]), x), 1e-5);
  }
}

std::string gossip_config(int nodes, int rounds, const char* graph) {
  return JsonObject()
      .add("nodes", nodes)
      .add("rounds", rounds)
      .raw("graph", graph)
      .raw("model", R"({"type": "vector", "size": 50, "init": "per_node"})")
      .raw("training", R"({"type": "sgd", "local_steps": 0})")
      .raw("evaluation", R"({"every": 1, "record": ["parameters"]})")
      .str();
}

TEST(Gossip, KeepsTheMeanForAThousandRounds) {
  TestRun run;
  run.run(gossip_config(16, 1000, R"("ring")"));
  const Matrix first = run.parameters(0), last = run.parameters(1000);
  for (std::size_t k = 0; k < 50; ++k) {
    double before = 0, after = 0;
    for (std::size_t i = 0; i < 16; ++i) {
      before += first[i][k] / 16;
      after += last[i][k] / 16;
    }
    EXPECT_NEAR(before, after, 2e-6);
  }
}

// On a circulant W: Σ_i ‖x_i^k − x̄‖² = Σ_m λ_m^{2k} |x̂_m|², so it shrinks between λ_min² and ρ² a
// round.
TEST(Gossip, ForgetsAtTheRateOfTheSpectralGap) {
  TestRun run;
  run.run(gossip_config(16, 200, R"("ring")"));
  const double rho = (1 + 2 * std::cos(2 * M_PI / 16)) / 3;
  const auto network = run.events("network");
  const auto distance = [&](std::size_t round) {
    return network[round].at("consensus_distance").to_number();
  };
  for (std::size_t round = 0; round < 100; ++round) {
    EXPECT_LE(distance(round + 1), rho * rho * distance(round) * (1 + 1e-5));
  }
  EXPECT_NEAR(distance(100) / distance(99), rho * rho, 1e-3);
}

TEST(Gossip, ACompleteGraphAgreesInOneRound) {
  TestRun run;
  run.run(gossip_config(9, 1, R"("fully_connected")"));
  const auto network = run.events("network");
  EXPECT_GT(network.front().at("consensus_distance").to_number(), 1);
  EXPECT_LT(network.back().at("consensus_distance").to_number(), 1e-11);
}

std::string with_gossip(int rounds, int steps, const char* acceleration,
                        const char* graph = R"("ring")", int nodes = 16) {
  const std::string config = gossip_config(nodes, rounds, graph);
  return config.substr(0, config.size() - 1) + R"(,"node":{"type":"dpsgd","gossip":{"steps":)" +
         std::to_string(steps) + R"(,"acceleration":")" + acceleration + R"("}}})";
}

TEST(Gossip, OfSeveralStepsIsThatOfAsManyRounds) {
  TestRun run;
  run.run(with_gossip(5, 3, "none"));
  const Matrix first = run.parameters(1), last = run.parameters(5);
  run.run(gossip_config(16, 15, R"("ring")"));
  EXPECT_EQ(first, run.parameters(3));
  EXPECT_EQ(last, run.parameters(15));
}

// T_k(W / ρ) / T_k(1 / ρ), from the three-term recurrence of the Chebyshev polynomials themselves.
TEST(Gossip, AcceleratedIsTheChebyshevPolynomialOfW) {
  for (const char* graph : {R"("ring")", R"("star")", R"("fully_connected")"}) {
    for (const int steps : {2, 3, 8}) {
      TestRun run;
      run.run(with_gossip(1, steps, "chebyshev", graph));
      Schedule::Context context;
      const auto chosen = Schedule::registry().read(Config::parse(graph, "test"));
      context.nodes = 16;
      context.common = &chosen.common();
      const auto schedule = chosen.make(context);
      const Matrix w = mixing_matrix_of(*schedule);
      const double rho = std::max(1e-3, 1 - *spectrum(matrix_of(*schedule, 0)).spectral_gap);
      Matrix last = run.parameters(0), x = times(w, last);
      double a_last = 1, a = 1 / rho;
      for (int k = 1; k < steps; ++k) {
        const double next = 2 * a / rho - a_last;
        Matrix y = times(w, x);
        for (std::size_t i = 0; i < y.size(); ++i) {
          for (std::size_t d = 0; d < y[i].size(); ++d) {
            y[i][d] = 2 * a / (rho * next) * y[i][d] - a_last / next * last[i][d];
          }
        }
        last = std::exchange(x, y);
        a_last = std::exchange(a, next);
      }
      EXPECT_LT(largest_difference(run.parameters(1), x), 1e-5) << graph << ", " << steps;
    }
  }
}

TEST(Gossip, AcceleratedForgetsByOneOverTheChebyshevPolynomialAndKeepsTheMean) {
  TestRun run;
  run.run(with_gossip(100, 6, "chebyshev"));
  const double rho = (1 + 2 * std::cos(2 * M_PI / 16)) / 3;
  const double left = 1 / std::cosh(6 * std::acosh(1 / rho));  // of a disagreement, a round
  EXPECT_LT(left, 0.6 * std::pow(rho, 6));
  const auto network = run.events("network");
  for (std::size_t round = 0; round < 6; ++round) {
    EXPECT_LE(network[round + 1].at("consensus_distance").to_number(),
              left * left * network[round].at("consensus_distance").to_number() * (1 + 1e-4));
  }
  const Matrix first = run.parameters(0), last = run.parameters(100);
  for (std::size_t k = 0; k < 50; ++k) {
    double before = 0, after = 0;
    for (std::size_t i = 0; i < 16; ++i) {
      before += first[i][k] / 16;
      after += last[i][k] / 16;
    }
    EXPECT_NEAR(before, after, 5e-6);
  }
}

TEST(Gossip, AccelerationIsRefusedWhereWIsNotOneSymmetricMatrix) {
  const auto refusal = [](const std::string& config) {
    try {
      Experiment(RunConfig::read(Config::parse(config, "test.json")), 1);
    } catch (const ConfigError& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  const std::string who = "dpsgd (its accelerated gossip is a polynomial of W) needs ";
  EXPECT_THAT(refusal(with_gossip(1, 2, "chebyshev", R"("one_peer_ring")")),
              testing::HasSubstr("/graph: " + who + "a graph that stays the same"));
  EXPECT_THAT(refusal(with_gossip(1, 2, "chebyshev", R"("exponential")")),
              testing::HasSubstr("/graph/weights: " + who + "weights that are equal both ways"));
  EXPECT_THAT(refusal(with_gossip(1, 1, "chebyshev")),
              testing::HasSubstr("acceleration: combines several steps; set \"steps\" above 1"));
  const std::string config = with_gossip(1, 2, "chebyshev");
  EXPECT_THAT(refusal(config.substr(0, config.size() - 1) +
                      R"(,"sharing":{"type":"choco","gamma":0.3,"compressor":"sign"}})"),
              testing::HasSubstr("/sharing: " + who + "vectors that travel whole"));
}

// Each of a round's steps draws its own coordinates: the same ones twice would leave the others.
TEST(Gossip, OfSeveralStepsDrawsAnewForEach) {
  const auto config = [](int rounds, int steps) {
    std::string text = with_gossip(rounds, steps, "none");
    return text.substr(0, text.size() - 1) + R"(,"sharing":{"type":"subsampling","alpha":0.3}})";
  };
  TestRun run;
  run.run(config(4, 2));
  const Matrix several = run.parameters(4);
  run.run(config(8, 1));
  EXPECT_EQ(several, run.parameters(8));
}

TEST(Dpsgd, ThreadsDoNotChangeABit) {
  const QuadraticProblem problem(33, 5);
  TestRun run;
  problem.write(run.folder() / "q.json");
  const std::string config =
      config_of({"combine_while_adapt", R"({"type": "regular", "degree": 4})", 0.5, true, 2},
                run.folder() / "q.json", 40, 33);
  const auto digest = run.run(config, 1).digest;
  for (const int threads : {2, 3, 8}) EXPECT_EQ(run.run(config, threads).digest, digest);
}

}  // namespace
}  // namespace kith
