#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/node_run.h"

namespace kith {
namespace {

std::string gossip(const std::string& exchange, const std::string& merge,
                   const std::string& activation) {
  return JsonObject()
      .add("type", "gossip")
      .add("exchange", exchange)
      .add("merge", merge)
      .raw("activation", activation)
      .str();
}

const char* const kOneByOne = R"({"type": "trace", "events_per_round": 1, "path": "EVENTS"})";

/// Runs the events (i, j) in `list`, one a round.
void run_events(TestRun& run, const QuadraticProblem& problem, const std::string& exchange,
                const std::string& merge, const std::string& list, int events) {
  problem.write(run.folder() / "q.json");
  std::ofstream(run.folder() / "events.json") << list;
  std::string activation = kOneByOne;
  activation.replace(activation.find("EVENTS"), 6, (run.folder() / "events.json").string());
  run.run(quadratic_config(gossip(exchange, merge, activation), run.folder() / "q.json",
                           std::int64_t(problem.n), events, R"("fully_connected")"));
}

std::vector<double> stepped(const QuadraticProblem& problem, std::size_t node,
                            std::vector<double> x) {
  const auto g = problem.gradient(node, x);
  for (std::size_t k = 0; k < x.size(); ++k) x[k] -= 0.05 * g[k];
  return x;
}

std::vector<double> weighted(double a, const std::vector<double>& x, const std::vector<double>& y) {
  std::vector<double> z = x;
  for (std::size_t k = 0; k < x.size(); ++k) z[k] = a * x[k] + (1 - a) * y[k];
  return z;
}

TEST(GossipLearning, MergesByTheRoundsThatAreInAModel) {
  const QuadraticProblem problem(3, 2);
  // Node 0 trains twice and gives its model, of age 2 then, to node 1, of age 0; node 1, which
  // takes its age, trains to 3 and gives it to node 2, of age 1 from waking up before.
  const std::string events = "[[2, 2], [0, 0], [0, 1], [1, 2]]";
  TestRun run;
  run_events(run, problem, "push", "by_age", events, 4);
  const Matrix x0 = problem.x0;
  const auto two = stepped(problem, 2, x0[2]);
  const auto zero = stepped(problem, 0, stepped(problem, 0, x0[0]));
  const auto one = stepped(problem, 1, zero);  // 0 / 2 of its own
  const Matrix expected{zero, one, weighted(0.25, two, one)};
  EXPECT_LT(largest_difference(run.parameters(4), expected), 1e-6);

  run_events(run, problem, "push", "average", events, 4);
  const auto mean = stepped(problem, 1, weighted(0.5, x0[1], zero));
  EXPECT_LT(largest_difference(run.parameters(4), {zero, mean, weighted(0.5, two, mean)}), 1e-6);

  run_events(run, problem, "push", "newer", events, 4);
  EXPECT_LT(largest_difference(run.parameters(4), {zero, one, one}), 1e-6);

  // Pulled, a model goes the other way; node 1's is not older than node 0's and stays where it is.
  run_events(run, problem, "pull", "newer", events, 4);
  EXPECT_LT(largest_difference(run.parameters(4), {zero, stepped(problem, 1, x0[1]), two}), 1e-6);
  run_events(run, problem, "pull", "replace", events, 4);
  EXPECT_LT(largest_difference(run.parameters(4), {x0[1], two, two}), 1e-6);
}

TEST(GossipLearning, PushPullExchangesWhatBothHadBefore) {
  const QuadraticProblem problem(2, 2);
  TestRun run;
  run_events(run, problem, "push_pull", "replace", "[[0, 1]]", 1);
  EXPECT_LT(
      largest_difference(run.parameters(1), {problem.x0[1], stepped(problem, 0, problem.x0[0])}),
      1e-6);
}

TEST(GossipLearning, ASeededOrderIsTheSameBitsWhateverTheThreads) {
  const QuadraticProblem problem(11, 5);
  TestRun run;
  problem.write(run.folder() / "q.json");
  for (const char* const exchange : {"push", "pull", "push_pull"}) {
    const std::string config = quadratic_config(gossip(exchange, "by_age", R"("seeded")"),
                                                run.folder() / "q.json", 11, 30, R"("ring")");
    const auto digest = run.run(config, 1).digest;
    for (const int threads : {1, 3}) EXPECT_EQ(run.run(config, threads).digest, digest);
  }
}

TEST(GossipLearning, NodesReachTheNeighborhoodOfTheOptimum) {
  for (const std::size_t nodes : {1, 2, 8}) {
    for (const char* const activation : {R"("seeded")", R"("arrivals")"}) {
      for (const char* const exchange : {"push", "pull", "push_pull"}) {
        const QuadraticProblem problem(nodes, 4);
        TestRun run;
        problem.write(run.folder() / "q.json");
        run.run(quadratic_config(gossip(exchange, "by_age", activation), run.folder() / "q.json",
                                 std::int64_t(nodes), 300, R"("fully_connected")",
                                 R"({"type": "sgd", "lr": 0.02})"),
                1);  // thread, on which nodes take turns
        EXPECT_LT(slope(problem, mean_of(run.parameters(300))), 0.5)
            << activation << ' ' << exchange << ", " << nodes << " nodes";
      }
    }
  }
}

}  // namespace
}  // namespace kith
