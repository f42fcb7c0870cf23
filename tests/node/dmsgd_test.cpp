#include <gtest/gtest.h>

#include "support/protocol_run.h"

namespace kith {
namespace {

std::string node(const std::string& order, double momentum) {
  return JsonObject().add("type", "dmsgd").add("order", order).add("momentum", momentum).str();
}

TEST(Dmsgd, FollowsItsEquationRoundByRound) {
  for (const char* order : {"old_momentum", "new_momentum"}) {
    for (const char* graph : {R"("ring")", R"("star")", R"("one_peer_exponential")"}) {
      const ProtocolRun run({.node = node(order, 0.7), .graph = graph});
      Matrix x = run.problem.x0, m = 0 * x;
      for (Round round = 0; round <= run.rounds; ++round) {
        ASSERT_LT(largest_difference(run.x(round), x), 2e-5)
            << order << ", " << graph << ", round " << round;
        const Matrix w = run.w(round);
        const Matrix next = sum(0.7, m, 1, run.gradients(x));
        x = times(w, x - 0.1 * (order == std::string("old_momentum") ? m : next));
        m = times(w, next);
      }
    }
  }
}

TEST(Dmsgd, WithoutMomentumAndAfterTheGradientIsDPsgd) {
  EXPECT_EQ(ProtocolRun({.node = node("new_momentum", 0)}).digest,
            ProtocolRun({.node = R"("dpsgd")"}).digest);
}

// Where all average with all it is SGD with momentum on the mean loss, wherever the momentum is.
TEST(Dmsgd, OnACompleteGraphIsMomentumSgdOnTheMeanLoss) {
  const ProtocolRun mixed({.node = node("new_momentum", 0.7), .graph = R"("fully_connected")"});
  const ProtocolRun local({.node = R"("dpsgd")",
                           .graph = R"("fully_connected")",
                           .training = R"({"type": "sgd", "lr": 0.1, "momentum": 0.7})"});
  EXPECT_LT(largest_difference(mixed.x(50), local.x(50)), 1e-5);
}

}  // namespace
}  // namespace kith
