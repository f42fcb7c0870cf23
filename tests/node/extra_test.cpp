#include <gtest/gtest.h>

#include "support/protocol_run.h"

namespace kith {
namespace {

class ExtraRecursion : public ::testing::TestWithParam<const char*> {};

TEST_P(ExtraRecursion, FollowsItsEquationRoundByRound) {
  const ProtocolRun run({.node = R"("extra")", .graph = GetParam()});
  const Matrix w = run.w();
  Matrix last = run.problem.x0, u_last = -0.1 * run.gradients(last);
  Matrix x = times(w, last) + u_last;
  for (Round round = 1; round <= run.rounds; ++round) {
    ASSERT_LT(largest_difference(run.x(round), x), 2e-5) << "round " << round;
    const Matrix u = -0.1 * run.gradients(x);
    const Matrix next = x + times(w, x) - 0.5 * (last + times(w, last)) + u - u_last;
    last = x;
    u_last = u;
    x = next;
  }
}

TEST_P(ExtraRecursion, TheNetworksMeanMovesByTheMeanGradientAlone) {
  ProtocolRun({.node = R"("extra")", .graph = GetParam(), .rounds = 1000})
      .expect_mean_follows_gradient(0.1, 5e-5);
}

INSTANTIATE_TEST_SUITE_P(Graphs, ExtraRecursion,
                         ::testing::Values(R"("ring")", R"("star")", R"("complete_bipartite")"),
                         [](const auto& info) { return std::to_string(info.index); });

TEST(Extra, EndsAtTheOptimum) {
  const ProtocolRun run({.node = R"("extra")", .rounds = 500});
  EXPECT_LT(run.distance_to_optimum(500), 3e-4);
}

// A pair that swaps, as no rule but a file makes it, would go back and forth for ever.
TEST(Extra, RefusesMixingThatOnlySwaps) {
  const ProtocolRun::Setting setting{
      .node = R"("extra")", .w = {{0, 1}, {1, 0}}, .nodes = 2, .rounds = 1};
  EXPECT_THROW(ProtocolRun{setting}, ConfigError);
}

}  // namespace
}  // namespace kith
