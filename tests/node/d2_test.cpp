#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/protocol_run.h"

namespace kith {
namespace {

constexpr const char* kLazyRing =
    R"({"type": "ring", "weights": {"type": "lazy", "of": "metropolis_hastings", "gamma": 0.5}})";

class D2Recursion : public ::testing::TestWithParam<const char*> {};

TEST_P(D2Recursion, FollowsItsEquationRoundByRound) {
  const ProtocolRun run({.node = R"("d2")", .graph = GetParam()});
  const Matrix w = run.w();
  Matrix last = run.problem.x0, u_last = -0.1 * run.gradients(last);
  Matrix x = times(w, last + u_last);
  for (Round round = 1; round <= run.rounds; ++round) {
    ASSERT_LT(largest_difference(run.x(round), x), 2e-5) << "round " << round;
    const Matrix u = -0.1 * run.gradients(x);
    const Matrix next = times(w, 2 * x - last + u - u_last);
    last = x;
    u_last = u;
    x = next;
  }
}

TEST_P(D2Recursion, TheNetworksMeanMovesByTheMeanGradientAlone) {
  ProtocolRun({.node = R"("d2")", .graph = GetParam(), .rounds = 1000})
      .expect_mean_follows_gradient(0.1, 5e-5);
}

TEST_P(D2Recursion, IsThatOfExactDiffusion) {
  const ProtocolRun d2({.node = R"("d2")", .graph = GetParam()});
  const ProtocolRun diffusion({.node = R"("exact_diffusion")", .graph = GetParam()});
  for (const Round round : {1, 2, 10, 50}) {
    EXPECT_LT(largest_difference(d2.x(round), diffusion.x(round)), 2e-5) << "round " << round;
  }
}

INSTANTIATE_TEST_SUITE_P(Graphs, D2Recursion,
                         ::testing::Values(kLazyRing, R"("star")", R"("fully_connected")"),
                         [](const auto& info) { return std::to_string(info.index); });

TEST(D2, EndsAtTheOptimum) {
  const ProtocolRun run({.node = R"("d2")", .graph = kLazyRing, .rounds = 500});
  EXPECT_LT(run.distance_to_optimum(500), 3e-4);
}

// Steps are remembered, not gradients: what is taken back is what was done.
TEST(D2, TakesLocalStepsMomentumAndAFallingLearningRate) {
  const ProtocolRun run({.node = R"("d2")",
                         .graph = kLazyRing,
                         .training = R"({"type": "sgd", "lr": 0.05, "momentum": 0.5,
                             "local_steps": 3,
                             "schedule": {"type": "step", "every": 300, "factor": 0.1}})",
                         .rounds = 600});
  // Local steps are taken towards a node's own optimum: the nodes agree, near that of all.
  const Matrix x = run.x(600);
  EXPECT_LT(largest_difference(x, Matrix(x.size(), x[0])), 1e-2);
  EXPECT_LT(run.distance_to_optimum(600), 0.1);
}

TEST(D2, RefusesMixingThatOvershootsAndOffersTheLazyOne) {
  const auto refusal = [](const char* graph, std::size_t nodes) {
    try {
      ProtocolRun({.node = R"("d2")", .graph = graph, .nodes = nodes, .rounds = 1});
    } catch (const ConfigError& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_EQ(refusal(R"({"type": "complete_bipartite"})", 8),
            "/graph/weights: d2 needs a mixing matrix whose eigenvalues are above -0.3333, but the "
            "least of this one is -0.6; use {\"type\": \"lazy\", \"of\": \"metropolis_hastings\", "
            "\"gamma\": 0.5}");
  EXPECT_THAT(refusal(R"("ring")", 4), testing::HasSubstr("the least of this one is -0.333333"));
  EXPECT_EQ(refusal(R"({"type": "complete_bipartite",
                        "weights": {"type": "lazy", "of": "metropolis_hastings", "gamma": 0.5}})",
                    8),
            "no error");
  EXPECT_THAT(refusal(R"("one_peer_exponential")", 8),
              testing::StartsWith("/graph: d2 needs a graph that stays the same"));
  EXPECT_THAT(refusal(R"("exponential")", 8),
              testing::StartsWith("/graph/weights: d2 needs weights that are equal both ways"));
}

}  // namespace
}  // namespace kith
