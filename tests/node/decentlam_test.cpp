#include <gtest/gtest.h>

#include "support/protocol_run.h"

namespace kith {
namespace {

constexpr const char* kNode = R"({"type": "decentlam", "momentum": 0.7})";

TEST(DecentLam, FollowsItsEquationRoundByRound) {
  for (const char* graph : {R"("ring")", R"("star")", R"("one_peer_exponential")"}) {
    const ProtocolRun run({.node = kNode, .graph = graph, .training = R"({"type": "sgd", "lr": 0.1,
                               "schedule": {"type": "step", "every": 15, "factor": 0.5}})"});
    Matrix x = run.problem.x0, m = 0 * x;
    for (Round round = 0; round <= run.rounds; ++round) {
      ASSERT_LT(largest_difference(run.x(round), x), 2e-5) << graph << ", round " << round;
      const double lr = 0.1 * std::pow(0.5, double(round / 15));
      const Matrix half = times(run.w(round), x - lr * run.gradients(x));
      m = sum(0.7, m, 1 / lr, x - half);
      x = x - lr * m;
    }
  }
}

TEST(DecentLam, EndsWhereDPsgdDoes) {
  const ProtocolRun dpsgd({.node = R"("dpsgd")", .rounds = 600});
  const ProtocolRun run({.node = kNode, .rounds = 600});
  EXPECT_LT(largest_difference(run.x(600), dpsgd.x(600)), 1e-5);
}

TEST(DecentLam, WithoutMomentumIsDPsgd) {
  const ProtocolRun run({.node = R"({"type": "decentlam", "momentum": 0})"});
  EXPECT_EQ(run.digest, ProtocolRun({.node = R"("dpsgd")"}).digest);
}

}  // namespace
}  // namespace kith
