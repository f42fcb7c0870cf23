#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/protocol_run.h"

namespace kith {
namespace {

std::string node(const std::string& variant) {
  return R"({"type": "gradient_tracking", "variant": ")" + variant + R"("})";
}

struct TrackingCase {
  const char* variant;
  const char* graph;
};

class GradientTrackingRecursion : public ::testing::TestWithParam<TrackingCase> {};

TEST_P(GradientTrackingRecursion, FollowsItsEquationRoundByRound) {
  const auto& [variant, graph] = GetParam();
  const ProtocolRun run({.node = node(variant), .graph = graph});
  Matrix x = run.problem.x0, g = run.gradients(x), y = g;
  for (Round round = 0; round <= run.rounds; ++round) {
    ASSERT_LT(largest_difference(run.x(round), x), 1e-5) << "round " << round;
    const Matrix w = run.w(round);
    x = variant == std::string("diging") ? times(w, x) - 0.1 * y : times(w, x - 0.1 * y);
    const Matrix next = run.gradients(x);
    y = variant == std::string("atc") ? times(w, y + next - g) : times(w, y) + next - g;
    g = next;
  }
}

// It is what makes the nodes end at the optimum: the mean of y is the mean of g, always.
TEST_P(GradientTrackingRecursion, TheNetworksMeanMovesByTheMeanGradientAlone) {
  const auto& [variant, graph] = GetParam();
  ProtocolRun({.node = node(variant), .graph = graph, .rounds = 1000})
      .expect_mean_follows_gradient(0.1, 2e-6);
}

const TrackingCase kCases[] = {
    {"diging", R"("ring")"},
    {"diging", R"("one_peer_exponential")"},
    {"semi_atc", R"("star")"},
    {"semi_atc", R"({"type": "random_matching"})"},
    {"atc", R"({"type": "grid", "rows": 2, "columns": 4})"},
    {"atc", R"({"type": "base_k", "k": 1})"},
    {"atc", R"("exponential")"},  // doubly stochastic, not symmetric
};
INSTANTIATE_TEST_SUITE_P(Variants, GradientTrackingRecursion, ::testing::ValuesIn(kCases),
                         [](const auto& info) { return std::to_string(info.index); });

TEST(GradientTracking, EndsAtTheOptimumWhereDPsgdDoesNot) {
  for (const char* variant : {"diging", "semi_atc", "atc"}) {
    const ProtocolRun run({.node = node(variant), .rounds = 400});
    EXPECT_LT(run.distance_to_optimum(400), 1e-5) << variant;
  }
  const ProtocolRun dpsgd({.node = R"("dpsgd")", .rounds = 400});
  EXPECT_GT(dpsgd.distance_to_optimum(400), 0.1);
}

// ATC on a complete graph: all nodes have the same x and y from round 1 on.
TEST(GradientTracking, OnACompleteGraphIsGradientDescentOnTheMeanLoss) {
  const ProtocolRun run({.node = node("atc"), .graph = R"("fully_connected")", .rounds = 60});
  const Matrix j = run.w();
  Matrix x = times(j, run.problem.x0 - 0.1 * run.gradients(run.problem.x0));
  for (Round round = 1; round <= run.rounds; ++round) {
    ASSERT_LT(largest_difference(run.x(round), x), 1e-5) << "round " << round;
    x = x - 0.1 * times(j, run.gradients(x));
  }
}

TEST(GradientTracking, FollowsAFallingLearningRate) {
  const ProtocolRun run({.node = node("diging"), .training = R"({"type": "sgd", "lr": 0.2,
      "schedule": {"type": "step", "every": 10, "factor": 0.5}})"});
  Matrix x = run.problem.x0, g = run.gradients(x), y = g;
  for (Round round = 0; round <= run.rounds; ++round) {
    ASSERT_LT(largest_difference(run.x(round), x), 1e-5) << "round " << round;
    x = times(run.w(), x) - 0.2 * std::pow(0.5, double(round / 10)) * y;
    const Matrix next = run.gradients(x);
    y = times(run.w(), y) + next - g;
    g = next;
  }
}

TEST(GradientTracking, RefusesWhatWouldMakeItAnotherAlgorithm) {
  const auto refusal = [](const char* graph, const char* training) {
    try {
      ProtocolRun({.node = node("atc"), .graph = graph, .training = training, .rounds = 1});
    } catch (const ConfigError& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_EQ(refusal(R"("ring")", R"({"type": "sgd", "lr": 0.1, "local_steps": 2})"),
            "/training/local_steps: gradient_tracking needs one local step a round, but this run "
            "takes 2; set training.local_steps to 1");
  EXPECT_EQ(refusal(R"("ring")", R"({"type": "adam", "lr": 0.1})"),
            "/training: gradient_tracking needs an optimizer that remembers nothing, but adam with "
            "these options does; use {\"type\": \"sgd\", \"lr\": …} without momentum");
  EXPECT_THAT(refusal(R"({"type": "star", "weights": "neighborhood_mean"})",
                      R"({"type": "sgd", "lr": 0.1})"),
              testing::StartsWith("/graph/weights: gradient_tracking needs doubly stochastic"));
}

}  // namespace
}  // namespace kith
