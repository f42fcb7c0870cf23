#include <gtest/gtest.h>

#include "support/protocol_run.h"

namespace kith {
namespace {

TEST(Kgt, FollowsItsEquationRoundByRound) {
  for (const double outer : {1.0, 0.6}) {
    for (const char* graph : {R"("ring")", R"("star")", R"("one_peer_exponential")"}) {
      const ProtocolRun run({.node = JsonObject().add("type", "kgt").add("outer_lr", outer).str(),
                             .graph = graph,
                             .training = R"({"type": "sgd", "lr": 0.05, "local_steps": 4})"});
      Matrix x = run.problem.x0, c = 0 * x;
      for (Round round = 0; round <= run.rounds; ++round) {
        ASSERT_LT(largest_difference(run.x(round), x), 2e-5)
            << outer << ", " << graph << ", round " << round;
        Matrix y = x;
        for (int step = 0; step < 4; ++step) y = y - 0.05 * (run.gradients(y) + c);
        const Matrix z = (1 / (4 * 0.05)) * (x - y);
        const Matrix w = run.w(round);
        c = c - z + times(w, z);
        x = times(w, x - 4 * 0.05 * outer * z);
      }
    }
  }
}

TEST(Kgt, WithOneStepIsGradientTracking) {
  const ProtocolRun kgt({.node = R"("kgt")"});
  const ProtocolRun tracking({.node = R"({"type": "gradient_tracking", "variant": "semi_atc"})"});
  EXPECT_LT(largest_difference(kgt.x(50), tracking.x(50)), 1e-5);
  kgt.expect_mean_follows_gradient(0.1, 2e-6);
}

TEST(Kgt, EndsAtTheOptimumWhereLocalStepsAloneDoNot) {
  const std::string training = R"({"type": "sgd", "lr": 0.05, "local_steps": 5})";
  const ProtocolRun kgt({.node = R"("kgt")", .training = training, .rounds = 400});
  EXPECT_LT(kgt.distance_to_optimum(400), 2e-5);
  const ProtocolRun local({.node = R"("dpsgd")", .training = training, .rounds = 400});
  EXPECT_GT(local.distance_to_optimum(400), 0.1);
}

}  // namespace
}  // namespace kith
