#include <gtest/gtest.h>

#include "support/protocol_run.h"

namespace kith {
namespace {

// Adapt, correct, combine, with ψ as in the paper; also where the steps change.
TEST(ExactDiffusion, FollowsItsEquationRoundByRound) {
  const ProtocolRun run({.node = R"("exact_diffusion")",
                         .graph = R"("star")",
                         .training = R"({"type": "sgd", "lr": 0.1,
                             "schedule": {"type": "step", "every": 20, "factor": 0.5}})"});
  Matrix x = run.problem.x0, psi = x;
  for (Round round = 0; round <= run.rounds; ++round) {
    ASSERT_LT(largest_difference(run.x(round), x), 2e-5) << "round " << round;
    const double lr = 0.1 * std::pow(0.5, double(round / 20));
    const Matrix next = x - lr * run.gradients(x);
    x = times(run.w(), next + x - psi);
    psi = next;
  }
}

TEST(ExactDiffusion, EndsAtTheOptimum) {
  const ProtocolRun run({.node = R"("exact_diffusion")", .graph = R"("star")", .rounds = 500});
  EXPECT_LT(run.distance_to_optimum(500), 3e-4);
}

}  // namespace
}  // namespace kith
