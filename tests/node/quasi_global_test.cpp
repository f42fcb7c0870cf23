#include <gtest/gtest.h>

#include "support/protocol_run.h"

namespace kith {
namespace {

struct QuasiGlobalCase {
  const char* node;
  double beta, mu;
  bool nesterov = false;
  const char* graph = R"("ring")";
};

class QuasiGlobalRecursion : public ::testing::TestWithParam<QuasiGlobalCase> {};

TEST_P(QuasiGlobalRecursion, FollowsItsEquationRoundByRound) {
  const QuasiGlobalCase& c = GetParam();
  const ProtocolRun run({.node = c.node, .graph = c.graph, .training = R"({"type": "sgd", "lr": 0.1,
                             "schedule": {"type": "step", "every": 15, "factor": 0.5}})"});
  Matrix x = run.problem.x0, kept = 0 * x;
  for (Round round = 0; round <= run.rounds; ++round) {
    ASSERT_LT(largest_difference(run.x(round), x), 2e-5) << "round " << round;
    const double lr = 0.1 * std::pow(0.5, double(round / 15));
    const Matrix g = run.gradients(x);
    const Matrix m = sum(c.beta, kept, 1, g);
    const Matrix next = times(run.w(round), x - lr * (c.nesterov ? sum(1, g, c.beta, m) : m));
    kept = sum(c.mu, kept, (1 - c.mu) / lr, x - next);
    x = next;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Options, QuasiGlobalRecursion,
    ::testing::Values(
        QuasiGlobalCase{R"({"type": "quasi_global", "momentum": 0.8})", 0.8, 0.8},
        QuasiGlobalCase{R"({"type": "quasi_global", "momentum": 0.8, "mu": 0.5})", 0.8, 0.5},
        QuasiGlobalCase{R"({"type": "quasi_global", "momentum": 0.5, "nesterov": true})", 0.5, 0.5,
                        true, R"("star")"},
        QuasiGlobalCase{R"({"type": "quasi_global", "momentum": 0.5})", 0.5, 0.5, false,
                        R"("one_peer_exponential")"}),
    [](const auto& info) { return std::to_string(info.index); });

TEST(QuasiGlobal, WithoutMomentumIsDPsgd) {
  const ProtocolRun run({.node = R"({"type": "quasi_global", "momentum": 0})"});
  EXPECT_EQ(run.digest, ProtocolRun({.node = R"("dpsgd")"}).digest);
}

// x = x⁺ leaves m̂ = 0 and m = g: momentum adds nothing to the bias. Local momentum does.
TEST(QuasiGlobal, EndsWhereDPsgdDoes) {
  const ProtocolRun dpsgd({.node = R"("dpsgd")", .rounds = 600});
  const ProtocolRun run({.node = R"({"type": "quasi_global", "momentum": 0.7})", .rounds = 600});
  EXPECT_LT(largest_difference(run.x(600), dpsgd.x(600)), 1e-5);
  const ProtocolRun local({.node = R"("dpsgd")",
                           .training = R"({"type": "sgd", "lr": 0.1, "momentum": 0.7})",
                           .rounds = 600});
  EXPECT_GT(largest_difference(local.x(600), dpsgd.x(600)), 0.1);
}

}  // namespace
}  // namespace kith
