#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/node_run.h"

namespace kith {
namespace {

constexpr const char* kPlain = R"({"type": "sgd", "lr": 0.05})";
constexpr const char* kMomentum =
    R"({"type": "sgd", "lr": 0.02, "momentum": 0.5, "local_steps": 3})";

/// A problem all of whose nodes start where node 0 does.
QuadraticProblem from_one_start(std::size_t nodes, std::size_t d) {
  QuadraticProblem problem(nodes, d);
  std::ranges::fill(problem.x0, problem.x0[0]);
  return problem;
}

class RelaySgdTest : public WithFolder {
 protected:
  Matrix reached(const std::string& node, const std::string& graph, const QuadraticProblem& problem,
                 int rounds, const std::string& training = kPlain) {
    problem.write(folder_ / "q.json");
    run_.run(node_config(node, graph, problem.n, rounds, folder_ / "q.json", training, "", rounds));
    return run_.parameters(rounds);
  }

  std::string refusal(const std::string& node, const std::string& graph,
                      const QuadraticProblem& problem, const std::string& more = "") {
    problem.write(folder_ / "q.json");
    const std::string config =
        node_config(node, graph, problem.n, 1, folder_ / "q.json", kPlain, more);
    return message_of<ConfigError>(
        [&] { Experiment(RunConfig::read(Config::parse(config, "run.json")), 1); });
  }

  TestRun run_;
};

/// How far nodes are from where Σ_i A_i (x − b_i) = 0, and from each other.
double error(const QuadraticProblem& problem, const Matrix& x) {
  double sum = largest_difference(x, Matrix(x.size(), x[0]));
  for (std::size_t k = 0; k < problem.d; ++k) {
    double gradient = 0;
    for (std::size_t i = 0; i < problem.n; ++i) gradient += problem.gradient(i, x[0])[k];
    sum += std::abs(gradient) / double(problem.n);
  }
  return sum;
}

TEST_F(RelaySgdTest, ReachesTheOptimumThatDpsgdMisses) {
  const QuadraticProblem problem = from_one_start(7, 3);
  for (const char* graph : {R"("binary_tree")", R"("chain")", R"("star")"}) {
    EXPECT_GT(error(problem, reached(R"("dpsgd")", graph, problem, 1000)), 0.05) << graph;
    for (const char* node : {R"("relay_sgd")", R"({"type": "relay_sgd", "fill": "self"})",
                             R"({"type": "relay_sgd", "double_tree": true})"}) {
      EXPECT_LT(error(problem, reached(node, graph, problem, 1000)), 1e-4)
          << node << " on " << graph;
    }
  }
}

// Where updates travel, a node lacks those that are under way to it, and others lack other ones.
TEST_F(RelaySgdTest, OfUpdatesEndsNearerTheOptimumTheSmallerTheSteps) {
  const QuadraticProblem problem = from_one_start(7, 3);
  const auto error_at = [&](double lr, int rounds) {
    const std::string training = JsonObject().add("type", "sgd").add("lr", lr).str();
    return error(problem, reached(R"({"type": "relay_sgd", "relay": "updates"})",
                                  R"("binary_tree")", problem, rounds, training));
  };
  const double coarse = error_at(0.05, 1000), fine = error_at(0.005, 10000);
  EXPECT_GT(coarse, 1e-3);
  EXPECT_NEAR(fine / coarse, 0.1, 0.03);
}

// Each update comes to every node once: when nobody moves any more, all have moved by the mean of
// all updates. Here only the first step moves, as far as the nodes want to go.
TEST_F(RelaySgdTest, UpdatesAreDeliveredOnceEach) {
  QuadraticProblem problem = from_one_start(7, 1);
  for (auto& a : problem.a) a[0][0] = 1;
  const std::string once =
      R"({"type": "sgd", "lr": 1, "schedule": {"type": "step", "every": 1, "factor": 1e-30}})";
  double mean = 0;
  for (const auto& b : problem.b) mean += b[0] / 7;
  for (const char* graph : {R"("binary_tree")", R"("chain")", R"("star")"}) {
    const Matrix x =
        reached(R"({"type": "relay_sgd", "relay": "updates"})", graph, problem, 20, once);
    EXPECT_LT(largest_difference(x, Matrix(7, {mean})), 1e-5) << graph;
  }
}

// Coordinates that know nothing of each other: the even ones go as on the graph's tree, and the odd
// ones as there when the nodes stand in the opposite order.
TEST_F(RelaySgdTest, DoubleTreesCarryEvenAndOddCoordinates) {
  QuadraticProblem problem = from_one_start(8, 5);
  for (auto& a : problem.a) {
    for (std::size_t r = 0; r < 5; ++r) {
      for (std::size_t c = 0; c < 5; ++c) a[r][c] = r == c ? a[r][c] : 0;
    }
  }
  QuadraticProblem mirrored = problem;
  std::ranges::reverse(mirrored.a);
  std::ranges::reverse(mirrored.b);
  for (const std::string relay : {"models", "updates"}) {
    const std::string one = R"({"type": "relay_sgd", "relay": ")" + relay + "\"}";
    const std::string two =
        R"({"type": "relay_sgd", "double_tree": true, "relay": ")" + relay + "\"}";
    const Matrix straight = reached(one, R"("binary_tree")", problem, 30, kMomentum);
    Matrix opposite = reached(one, R"("binary_tree")", mirrored, 30, kMomentum);
    std::ranges::reverse(opposite);
    const Matrix both = reached(two, R"("binary_tree")", problem, 30, kMomentum);
    for (std::size_t i = 0; i < 8; ++i) {
      for (std::size_t k = 0; k < 5; ++k) {
        // Neighbors are added in the order of their numbers, which the mirror turns round.
        EXPECT_NEAR(both[i][k], (k % 2 == 0 ? straight : opposite)[i][k], 1e-6) << i << ", " << k;
      }
    }
  }
}

// A star's nodes hear from each other after two rounds; before, the fill makes the difference.
TEST_F(RelaySgdTest, OnTwoNodesItIsAllReduceOfModels) {
  const QuadraticProblem problem = from_one_start(2, 3);
  const Matrix all = reached(R"({"type": "all_reduce", "average": "models"})", R"("chain")",
                             problem, 30, kMomentum);
  for (const char* node : {R"("relay_sgd")", R"({"type": "relay_sgd", "fill": "self"})",
                           R"({"type": "relay_sgd", "relay": "updates"})"}) {
    EXPECT_LT(largest_difference(reached(node, R"("chain")", problem, 30, kMomentum), all), 1e-6);
  }
}

TEST_F(RelaySgdTest, NeedsATreeAndOneStart) {
  const QuadraticProblem same = from_one_start(6, 2), other(6, 2);
  EXPECT_THAT(refusal(R"("relay_sgd")", R"("ring")", same),
              testing::AllOf(testing::StartsWith("/graph: relay_sgd needs a tree"),
                             testing::HasSubstr("use chain, star or binary_tree")));
  EXPECT_THAT(refusal(R"("relay_sgd")", R"("one_peer_ring")", same),
              testing::HasSubstr("relay_sgd needs a graph that stays the same"));
  EXPECT_THAT(refusal(R"("relay_sgd")", R"("chain")", other),
              testing::StartsWith("/dataset: relay_sgd needs all nodes to start from the same"));
  EXPECT_EQ(refusal(R"({"type": "relay_sgd", "fill": "self"})", R"("chain")", other), "no error");
  EXPECT_EQ(refusal(R"("relay_sgd")", R"("chain")", same), "no error");
  EXPECT_THAT(
      refusal(R"({"type": "relay_sgd", "fill": "x0", "relay": "updates"})", R"("chain")", same),
      testing::HasSubstr("updates need none"));
  EXPECT_EQ(
      refusal(R"("relay_sgd")", R"("chain")", same, R"("sharing": "plain_average")"),
      "/sharing: relay_sgd says its messages itself, and has no use for plain_average; leave it "
      "out");
}

}  // namespace
}  // namespace kith
