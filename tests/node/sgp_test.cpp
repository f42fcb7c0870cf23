#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "support/node_run.h"

namespace kith {
namespace {

// Nodes of unequal degree: columns sum to one, rows do not.
constexpr const char* kStar = R"({"type": "star", "weights": "column_stochastic"})";

std::string training(double momentum, int local_steps) {
  return JsonObject()
      .add("type", "sgd")
      .add("lr", 0.05)
      .add("momentum", momentum)
      .add("local_steps", local_steps)
      .str();
}

std::string sgp(int overlap) {
  return JsonObject().add("type", "sgp").add("overlap", overlap).str();
}

/// The metric of every node after a round.
std::vector<double> reported(const TestRun& run, const std::string& name, Round round) {
  std::vector<double> values;
  for (const Config& line : run.events("evaluation")) {
    if (line.at("round").to_integer() == round) values.push_back(line.at(name).to_number());
  }
  return values;
}

/// SGP by the book, in float64.
class SgpRecursion {
 public:
  SgpRecursion(const QuadraticProblem& problem, double momentum, int local_steps, int overlap)
      : problem_(problem),
        momentum_(momentum),
        local_steps_(local_steps),
        x_(problem.x0),
        w_(problem.n, 1),
        m_(problem.n, std::vector<double>(problem.d)) {
    for (int i = 1; i < overlap; ++i) {
      late_.emplace_back(m_, std::vector<double>(problem.n));
    }
    overlaps_ = overlap > 0;
  }

  void round(const Matrix& p) {
    const Matrix said_x = x_;
    const std::vector<double> said_w = w_;
    train();
    const Matrix& x = overlaps_ ? said_x : x_;
    Matrix others(x_.size(), std::vector<double>(problem_.d));
    std::vector<double> weights(x_.size());
    for (std::size_t i = 0; i < p.size(); ++i) {
      for (std::size_t j = 0; j < p.size(); ++j) {
        if (i == j) continue;
        weights[i] += p[i][j] * said_w[j];
        for (std::size_t k = 0; k < problem_.d; ++k) others[i][k] += p[i][j] * x[j][k];
      }
    }
    late_.emplace_back(others, weights);
    for (std::size_t i = 0; i < p.size(); ++i) {
      w_[i] = p[i][i] * said_w[i] + late_.front().second[i];
      for (std::size_t k = 0; k < problem_.d; ++k) {
        const double step = overlaps_ ? x_[i][k] - said_x[i][k] : 0;
        x_[i][k] = p[i][i] * x[i][k] + step + late_.front().first[i][k];
      }
    }
    late_.pop_front();
  }

  Matrix z() const {
    Matrix z = x_;
    for (std::size_t i = 0; i < z.size(); ++i) {
      for (double& value : z[i]) value /= w_[i];
    }
    return z;
  }

  const std::vector<double>& w() const { return w_; }

 private:
  void train() {
    for (std::size_t i = 0; i < x_.size(); ++i) {
      for (int s = 0; s < local_steps_; ++s) {
        const std::vector<double> g = problem_.gradient(i, z()[i]);
        for (std::size_t k = 0; k < g.size(); ++k) {
          m_[i][k] = momentum_ * m_[i][k] + g[k];
          x_[i][k] -= 0.05 * m_[i][k];
        }
      }
    }
  }

  const QuadraticProblem& problem_;
  double momentum_;
  int local_steps_;
  bool overlaps_ = false;
  Matrix x_;
  std::vector<double> w_;
  Matrix m_;
  std::deque<std::pair<Matrix, std::vector<double>>> late_;
};

struct SgpCase {
  const char* graph;
  double momentum = 0;
  int local_steps = 1;
  int overlap = 0;
};

class SgpFollows : public ::testing::TestWithParam<SgpCase> {};

TEST_P(SgpFollows, ItsEquationRoundByRound) {
  constexpr std::size_t kNodes = 8;
  constexpr int kRounds = 40;
  const SgpCase& c = GetParam();
  const QuadraticProblem problem(kNodes, 4);
  TestRun run;
  problem.write(run.folder() / "q.json");
  run.run(node_config(sgp(c.overlap), c.graph, kNodes, kRounds, run.folder() / "q.json",
                      training(c.momentum, c.local_steps)));
  SgpRecursion expected(problem, c.momentum, c.local_steps, c.overlap);
  for (Round round = 0; round < kRounds; ++round) {
    expected.round(mixing_matrix(c.graph, kNodes, round));
    ASSERT_LT(largest_difference(run.parameters(round + 1), expected.z()), 2e-5)
        << "round " << round;
    const std::vector<double> w = reported(run, "push_weight", round + 1);
    ASSERT_EQ(w.size(), kNodes);
    for (std::size_t i = 0; i < kNodes; ++i) ASSERT_NEAR(w[i], expected.w()[i], 2e-6);
  }
}

const SgpCase kSgpCases[] = {
    {kStar},
    {kStar, 0.8},
    {kStar, 0.5, 3},
    {kStar, 0, 1, 1},
    {kStar, 0.5, 3, 1},
    {kStar, 0, 1, 3},
    {kStar, 0.5, 2, 2},
    {R"("one_peer_exponential")", 0.5, 2},
    {R"("one_peer_exponential")", 0, 1, 2},
};
INSTANTIATE_TEST_SUITE_P(Cases, SgpFollows, ::testing::ValuesIn(kSgpCases),
                         [](const auto& info) { return std::to_string(info.index); });

TEST(Sgp, KeepsTheSumsOfNumeratorAndWeightForAThousandRounds) {
  constexpr std::size_t kNodes = 7;
  const QuadraticProblem problem(kNodes, 3);
  TestRun run;
  problem.write(run.folder() / "q.json");
  // Each tells two others, and 0 two more: nobody divides by a power of 2 alone.
  std::ofstream edges(run.folder() / "graph.edges");
  edges << "7\n";
  for (int i = 0; i < 7; ++i)
    edges << i << ' ' << (i + 1) % 7 << '\n' << i << ' ' << (i + 3) % 7 << '\n';
  edges << "0 2\n0 5\n";
  edges.close();
  const std::string graph = JsonObject()
                                .add("type", "file")
                                .add("path", (run.folder() / "graph.edges").string())
                                .add("weights", "column_stochastic")
                                .str();
  run.run(node_config(R"("sgp")", graph, kNodes, 1000, run.folder() / "q.json",
                      R"({"type": "sgd", "local_steps": 0})", "", 10));
  std::vector<double> sums(3);
  for (const auto& row : problem.x0) {
    for (std::size_t k = 0; k < 3; ++k) sums[k] += row[k];
  }
  for (Round round = 10; round <= 1000; round += 10) {
    const std::vector<double> w = reported(run, "push_weight", round);
    const Matrix z = run.parameters(round);
    double weight = 0;
    std::vector<double> numerator(3);
    for (std::size_t i = 0; i < kNodes; ++i) {
      ASSERT_GT(w[i], 0) << "round " << round;
      weight += w[i];
      for (std::size_t k = 0; k < 3; ++k) numerator[k] += w[i] * z[i][k];
    }
    ASSERT_NEAR(weight, kNodes, 2e-5) << "round " << round;
    for (std::size_t k = 0; k < 3; ++k) ASSERT_NEAR(numerator[k], sums[k], 2e-5);
  }
  std::vector<double> mean = sums;
  for (double& value : mean) value /= kNodes;
  EXPECT_LT(largest_difference(run.parameters(1000), Matrix(kNodes, mean)), 1e-5);
}

TEST(Sgp, OnDoublyStochasticWeightsIsDpsgdWithWeightsOfOne) {
  constexpr std::size_t kNodes = 8;
  const QuadraticProblem problem(kNodes, 4);
  TestRun run;
  problem.write(run.folder() / "q.json");
  const std::pair<const char*, const char*> same[] = {
      {R"("sgp")", R"("dpsgd")"},
      {R"({"type": "sgp", "overlap": 1})", R"({"type": "dpsgd", "order": "combine_while_adapt"})"},
  };
  for (const char* graph :
       {R"("ring")", R"("star")", R"("one_peer_exponential")", R"("exponential")"}) {
    for (const auto& [push, gossip] : same) {
      std::vector<Matrix> runs;
      for (const char* node : {gossip, push}) {
        run.run(node_config(node, graph, kNodes, 50, run.folder() / "q.json", training(0.9, 2), "",
                            50));
        runs.push_back(run.parameters(50));
      }
      EXPECT_LT(largest_difference(runs[0], runs[1]), 1e-5) << push << " on " << graph;
      for (const double w : reported(run, "push_weight", 50)) EXPECT_NEAR(w, 1, 1e-6);
    }
  }
}

// What is under way is no node's: here a sixth of all, two rounds long.
TEST(Sgp, WhatIsUnderWayIsMissingFromTheWeights) {
  const QuadraticProblem problem(6, 2);
  TestRun run;
  problem.write(run.folder() / "q.json");
  run.run(node_config(sgp(3), R"("one_peer_ring")", 6, 60, run.folder() / "q.json",
                      R"({"type": "sgd", "local_steps": 0})"));
  const auto total = [&](Round round) {
    double sum = 0;
    for (const double w : reported(run, "push_weight", round)) sum += w;
    return sum;
  };
  EXPECT_FLOAT_EQ(total(1), 3);  // each gave a half away
  EXPECT_FLOAT_EQ(total(2), 1.5);
  EXPECT_FLOAT_EQ(total(3), 3.75);  // the first halves arrive
  // w settles where w = w/2 + w/2 of all that is sent; the sum with both rounds under way is n.
  EXPECT_NEAR(total(60), 3, 1e-4);
  const Matrix z = run.parameters(60);
  EXPECT_LT(largest_difference(z, Matrix(6, z[0])), 1e-3);  // and yet all agree
}

class SgpRefusals : public WithFolder {
 protected:
  std::string refusal(const std::string& node, const std::string& graph,
                      const std::string& more = "") {
    const QuadraticProblem problem(6, 2);
    problem.write(folder_ / "q.json");
    const std::string config =
        node_config(node, graph, 6, 1, folder_ / "q.json", training(0, 1), more);
    return message_of<ConfigError>(
        [&] { Experiment(RunConfig::read(Config::parse(config, "run.json")), 1); });
  }
};

TEST_F(SgpRefusals, RowsAloneDoNotKeepTheSum) {
  EXPECT_EQ(
      refusal(R"("sgp")", R"({"type": "star", "weights": "neighborhood_mean"})"),
      "/graph/weights: sgp needs column-stochastic weights, which keep the sum over all nodes, "
      "but those put on node 0 sum to 2.666666667 in round 0; use column_stochastic, or "
      "metropolis_hastings where edges go both ways");
  EXPECT_THAT(refusal(R"("push_diging")", R"({"type": "star", "weights": "neighborhood_mean"})"),
              testing::StartsWith("/graph/weights: push_diging needs column-stochastic weights"));
  EXPECT_EQ(refusal(R"("sgp")", kStar), "no error");
  EXPECT_EQ(refusal(R"("push_diging")", kStar), "no error");
}

TEST_F(SgpRefusals, SharingMethodsMustLoseNothing) {
  const std::string ring = R"("ring")";
  EXPECT_EQ(refusal(R"("sgp")", ring, R"("sharing": {"type": "subsampling", "alpha": 0.5})"),
            "/sharing: sgp needs a method that keeps the sum over all nodes, of weights too, and "
            "subsampling with these options does not; use full, without a codec that rounds");
  EXPECT_THAT(
      refusal(
          R"("sgp")", ring,
          R"("sharing": {"type": "full", "codec": {"values": {"type": "fpzip", "precision": 16}}})"),
      testing::HasSubstr("full with these options does not"));
  EXPECT_EQ(
      refusal(R"("sgp")", ring, R"("sharing": {"type": "full", "codec": {"values": "zstd"}})"),
      "no error");
}

}  // namespace
}  // namespace kith
