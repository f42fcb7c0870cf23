#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/protocol_run.h"

namespace kith {
namespace {

std::string node(double gamma, const std::string& compressor) {
  return JsonObject().add("type", "beer").add("gamma", gamma).raw("compressor", compressor).str();
}

// Signs scaled by the mean magnitude: a compressor that decides nothing by comparison, so that
// float32 and float64 do the same.
Matrix signs(const Matrix& x) {
  Matrix result = x;
  for (auto& row : result) {
    double mean = 0;
    for (const double value : row) mean += std::abs(value) / double(row.size());
    for (double& value : row) value = value < 0 ? -mean : mean;
  }
  return result;
}

TEST(Beer, FollowsItsEquationRoundByRound) {
  const double gamma = 0.3;
  for (const char* graph : {R"("ring")", R"("star")"}) {
    const ProtocolRun run({.node = node(gamma, R"("sign")"),
                           .graph = graph,
                           .training = R"({"type": "sgd", "lr": 0.03})",
                           .rounds = 20});
    const Matrix w = run.w();
    const auto pulled = [&](const Matrix& copies) { return gamma * (times(w, copies) - copies); };
    Matrix x = run.problem.x0, g = run.gradients(x), v = g, h = 0 * x, q = h;
    for (Round round = 0; round <= run.rounds; ++round) {
      ASSERT_LT(largest_difference(run.x(round), x), 2e-5) << graph << ", round " << round;
      x = x + pulled(h) - 0.03 * v;
      h = h + signs(x - h);
      const Matrix next = run.gradients(x);
      v = v + pulled(q) + next - g;
      q = q + signs(v - q);
      g = next;
    }
  }
}

TEST(Beer, TheNetworksMeanMovesByTheMeanGradientAlone) {
  ProtocolRun({.node = node(0.3, R"({"type": "top_k", "k": 1})"),
               .training = R"({"type": "sgd", "lr": 0.03})",
               .rounds = 1000})
      .expect_mean_follows_gradient(0.03, 2e-6);
}

// Nothing lost and γ = 1: W x and W v, but for the first round, in which nobody knows anything.
TEST(Beer, WithoutCompressionIsDigingFromTheSecondRound) {
  const ProtocolRun run({.node = node(1, R"("identity")")});
  Matrix x = run.problem.x0 - 0.1 * run.gradients(run.problem.x0);
  Matrix g = run.gradients(x), y = g;
  for (Round round = 1; round <= run.rounds; ++round) {
    ASSERT_LT(largest_difference(run.x(round), x), 1e-5) << "round " << round;
    x = times(run.w(), x) - 0.1 * y;
    const Matrix next = run.gradients(x);
    y = times(run.w(), y) + next - g;
    g = next;
  }
}

TEST(Beer, EndsAtTheOptimumWhereChocoDoesNot) {
  const ProtocolRun run({.node = node(0.3, R"({"type": "top_k", "k": 1})"),
                         .training = R"({"type": "sgd", "lr": 0.03})",
                         .rounds = 1500});
  EXPECT_LT(run.distance_to_optimum(1500), 1e-4);
}

TEST(Beer, RefusesASharingMethodBesidesItsOwn) {
  const std::string config =
      R"({"nodes": 4, "rounds": 1, "graph": "ring", "model": {"type": "vector", "size": 3},
      "training": {"local_steps": 0},
      "sharing": {"type": "choco", "gamma": 0.3, "compressor": "sign"},
      "node": )" +
      node(0.3, R"("sign")") + '}';
  try {
    Experiment(RunConfig::read(Config::parse(config, "run.json")), 1);
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_EQ(std::string(error.what()),
              "/sharing: beer (it compresses differences itself, and keeps a weighted sum of them) "
              "needs vectors that travel whole, but this run has the sharing choco; leave "
              "\"sharing\" out");
  }
}

}  // namespace
}  // namespace kith
