#include <gtest/gtest.h>

#include "support/node_run.h"

namespace kith {
namespace {

constexpr std::size_t kNodes = 8;

/// Push-DIGing by the book, in float64.
class PushDigingRecursion {
 public:
  explicit PushDigingRecursion(const QuadraticProblem& problem)
      : problem_(problem), u_(problem.x0), v_(kNodes, {1}), y_(gradients()) {}

  void round(const Matrix& p) {
    const Matrix before = gradients();
    for (std::size_t i = 0; i < kNodes; ++i) {
      for (std::size_t k = 0; k < problem_.d; ++k) u_[i][k] -= 0.05 * y_[i][k];
    }
    u_ = times(p, u_);
    v_ = times(p, v_);
    y_ = times(p, y_);
    const Matrix now = gradients();
    for (std::size_t i = 0; i < kNodes; ++i) {
      for (std::size_t k = 0; k < problem_.d; ++k) y_[i][k] += now[i][k] - before[i][k];
    }
  }

  Matrix x() const {
    Matrix x = u_;
    for (std::size_t i = 0; i < kNodes; ++i) {
      for (double& value : x[i]) value /= v_[i][0];
    }
    return x;
  }

 private:
  Matrix gradients() const {
    const Matrix at = x();
    Matrix g;
    for (std::size_t i = 0; i < kNodes; ++i) g.push_back(problem_.gradient(i, at[i]));
    return g;
  }

  const QuadraticProblem& problem_;
  Matrix u_, v_, y_;
};

TEST(PushDiging, FollowsItsEquationOnGraphsThatChangeToo) {
  for (const std::string graph : {R"({"type": "star", "weights": "column_stochastic"})",
                                  R"("one_peer_exponential")", R"("exponential")"}) {
    const QuadraticProblem problem(kNodes, 4);
    TestRun run;
    problem.write(run.folder() / "q.json");
    run.run(node_config(R"("push_diging")", graph, kNodes, 100, run.folder() / "q.json",
                        R"({"type": "sgd", "lr": 0.05})"));
    PushDigingRecursion expected(problem);
    for (Round round = 0; round < 100; ++round) {
      ASSERT_LT(largest_difference(run.parameters(round), expected.x()), 1e-5)
          << "round " << round << " on " << graph;
      expected.round(mixing_matrix(graph, kNodes, round));
    }
  }
}

TEST(PushDiging, ReachesTheOptimumThatSgpMisses) {
  const QuadraticProblem problem(kNodes, 3);
  TestRun run;
  problem.write(run.folder() / "q.json");
  const auto error = [&](const char* node) {
    run.run(node_config(node, R"({"type": "star", "weights": "column_stochastic"})", kNodes, 2000,
                        run.folder() / "q.json", R"({"type": "sgd", "lr": 0.05})", "", 2000));
    const Matrix x = run.parameters(2000);
    double sum = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      double gradient = 0;
      for (std::size_t i = 0; i < kNodes; ++i) gradient += problem.gradient(i, x[i])[k] / kNodes;
      sum += std::abs(gradient);
    }
    return sum + largest_difference(x, Matrix(kNodes, x[0]));
  };
  EXPECT_GT(error(R"("sgp")"), 0.05);
  EXPECT_LT(error(R"("push_diging")"), 1e-4);
}

}  // namespace
}  // namespace kith
