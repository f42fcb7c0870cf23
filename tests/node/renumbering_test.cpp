#include <gtest/gtest.h>

#include <set>

#include "support/node_run.h"

namespace kith {
namespace {

struct Protocols {
  const char* name;
  const char* node;
  const char* training = R"({"type": "sgd", "lr": 0.03})";
};

constexpr const char* kSteps = R"({"type": "sgd", "lr": 0.03, "momentum": 0.5, "local_steps": 2})";

// On a tree whose weights' columns sum to one, from one start: what all of these accept.
const Protocols kProtocols[] = {
    {"sgp", R"("sgp")", kSteps},
    {"sgp_overlap_1", R"({"type": "sgp", "overlap": 1})", kSteps},
    {"sgp_overlap_3", R"({"type": "sgp", "overlap": 3})", kSteps},
    {"push_diging", R"("push_diging")"},
    {"relay_sgd", R"("relay_sgd")", kSteps},
    {"relay_sgd_self", R"({"type": "relay_sgd", "fill": "self"})", kSteps},
    {"relay_sgd_updates", R"({"type": "relay_sgd", "relay": "updates"})", kSteps},
    {"all_reduce", R"("all_reduce")"},
    {"all_reduce_models", R"({"type": "all_reduce", "average": "models"})", kSteps},
    {"centralized", R"("centralized")"},
    {"local", R"("local")", kSteps},
};

class PushedAndRelayed : public ::testing::TestWithParam<Protocols> {
 protected:
  Matrix reached(const QuadraticProblem& problem, const std::string& graph) {
    problem.write(run_.folder() / "q.json");
    run_.run(node_config(GetParam().node, graph, problem.n, kRounds, run_.folder() / "q.json",
                         GetParam().training, "", kRounds));
    return run_.parameters(kRounds);
  }

  static QuadraticProblem from_one_start(std::size_t nodes) {
    QuadraticProblem problem(nodes, 5);
    std::ranges::fill(problem.x0, problem.x0[0]);
    return problem;
  }

  static constexpr int kRounds = 30;
  TestRun run_;
};
INSTANTIATE_TEST_SUITE_P(Protocols, PushedAndRelayed, ::testing::ValuesIn(kProtocols),
                         [](const auto& info) { return std::string(info.param.name); });

TEST_P(PushedAndRelayed, RenumbersItsResultsWithNodesAndGraph) {
  constexpr std::size_t kNodes = 7;
  const std::size_t new_number[kNodes] = {3, 6, 0, 5, 1, 4, 2};
  const QuadraticProblem problem = from_one_start(kNodes);
  QuadraticProblem renumbered = problem;
  for (std::size_t i = 0; i < kNodes; ++i) {
    renumbered.a[new_number[i]] = problem.a[i];
    renumbered.b[new_number[i]] = problem.b[i];
  }
  const auto tree = [&](const std::string& name, auto number) {
    std::ofstream edges(run_.folder() / name);
    edges << "7\n";
    for (std::size_t i = 1; i < kNodes; ++i)
      edges << number((i - 1) / 2) << ' ' << number(i) << '\n'
            << number(i) << ' ' << number((i - 1) / 2) << '\n';
    edges.close();
    return JsonObject()
        .add("type", "file")
        .add("path", (run_.folder() / name).string())
        .add("weights", "column_stochastic")
        .str();
  };
  const Matrix x = reached(problem, tree("one.edges", [](std::size_t i) { return i; }));
  const Matrix y =
      reached(renumbered, tree("other.edges", [&](std::size_t i) { return new_number[i]; }));
  Matrix back = y;
  for (std::size_t i = 0; i < kNodes; ++i) back[i] = y[new_number[i]];
  EXPECT_LT(largest_difference(x, back), 1e-5);
  EXPECT_GT(largest_difference(x, problem.x0), 0.1);
}

TEST_P(PushedAndRelayed, WorksForOneNodeAndForTwo) {
  const QuadraticProblem one = from_one_start(1);
  const Matrix alone = reached(one, R"("chain")");
  EXPECT_LT(std::abs(one.gradient(0, alone[0])[0]), std::abs(one.gradient(0, one.x0[0])[0]));
  const QuadraticProblem two = from_one_start(2);
  const Matrix pair = reached(two, R"("chain")");
  for (std::size_t i = 0; i < 2; ++i) {
    for (const double value : pair[i]) EXPECT_TRUE(std::isfinite(value));
  }
}

}  // namespace
}  // namespace kith
