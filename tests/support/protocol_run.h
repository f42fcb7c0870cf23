#pragma once

#include <string>

#include "support/quadratic_run.h"

namespace kith {

/// a · x + b · y
inline Matrix sum(double a, const Matrix& x, double b, const Matrix& y) {
  Matrix result = x;
  for (std::size_t i = 0; i < x.size(); ++i) {
    for (std::size_t k = 0; k < x[i].size(); ++k) result[i][k] = a * x[i][k] + b * y[i][k];
  }
  return result;
}

inline Matrix operator+(const Matrix& x, const Matrix& y) { return sum(1, x, 1, y); }
inline Matrix operator-(const Matrix& x, const Matrix& y) { return sum(1, x, -1, y); }
inline Matrix operator*(double a, const Matrix& x) { return sum(a, x, 0, x); }

/// The mean of all rows.
inline std::vector<double> mean_of(const Matrix& x) {
  std::vector<double> mean(x[0].size());
  for (const auto& row : x) {
    for (std::size_t k = 0; k < row.size(); ++k) mean[k] += row[k] / double(x.size());
  }
  return mean;
}

inline double norm(const std::vector<double>& v) {
  double squares = 0;
  for (const double value : v) squares += value * value;
  return std::sqrt(squares);
}

/// A protocol run on quadratics, every round of which is looked at.
class ProtocolRun {
 public:
  struct Setting {
    std::string node;  ///< its config, as JSON
    std::string graph = R"("ring")";
    Matrix w = {};  ///< in place of the graph
    std::string training = R"({"type": "sgd", "lr": 0.1})";
    std::size_t nodes = 8;
    Round rounds = 50;
    int threads = 2;
  };

  explicit ProtocolRun(const Setting& setting)
      : ProtocolRun(setting, QuadraticProblem(setting.nodes, 4)) {}

  ProtocolRun(const Setting& setting, const QuadraticProblem& its_problem)
      : problem(its_problem), rounds(setting.rounds) {
    problem.write(run_.folder() / "q.json");
    digest = run_.run(config(setting), setting.threads).digest;
    const auto graph = Schedule::registry().read(Config::parse(graph_of(setting), "test"));
    Schedule::Context context;
    context.nodes = static_cast<std::int64_t>(setting.nodes);
    context.seed = 1;
    context.common = &graph.common();
    schedule_ = graph.make(context);
  }

  /// After so many rounds, a row a node.
  Matrix x(Round round) const { return run_.parameters(round); }

  Matrix w(Round round = 0) const { return mixing_matrix_of(*schedule_, round); }

  /// A row a node.
  Matrix gradients(const Matrix& x) const {
    Matrix g;
    for (std::size_t i = 0; i < x.size(); ++i) g.push_back(problem.gradient(i, x[i]));
    return g;
  }

  /// ‖Σ_i g_i‖ / n at the mean of all nodes, and how far the farthest node is from there: both are
  /// zero only at the optimum of the mean of all losses.
  double distance_to_optimum(Round round) const {
    const Matrix found = x(round);
    const Matrix means(found.size(), mean_of(found));
    return norm(mean_of(gradients(means))) + largest_difference(found, means);
  }

  /// Whether every round moved the network's mean by −lr times the mean of the gradients at x.
  void expect_mean_follows_gradient(double lr, double tolerance) const {
    for (Round round = 0; round < rounds; ++round) {
      const Matrix before = x(round);
      const auto moved = mean_of(x(round + 1) - before + lr * gradients(before));
      ASSERT_LT(norm(moved), tolerance) << "round " << round;
    }
  }

  const QuadraticProblem problem;
  const Round rounds;
  std::uint64_t digest = 0;

 private:
  std::string graph_of(const Setting& setting) const {
    if (setting.w.empty()) return setting.graph;
    const auto file = run_.folder() / "w.json";
    write_matrix(setting.w, file);
    return JsonObject().add("type", "file").add("path", file.string()).str();
  }

  std::string config(const Setting& setting) const {
    return JsonObject()
        .add("nodes", static_cast<std::int64_t>(setting.nodes))
        .add("rounds", setting.rounds)
        .raw("graph", graph_of(setting))
        .raw("dataset", JsonObject()
                            .add("type", "quadratics")
                            .add("path", (run_.folder() / "q.json").string())
                            .str())
        .add("model", "vector")
        .raw("training", setting.training)
        .raw("node", setting.node)
        .raw("evaluation", R"({"every": 1, "record": ["parameters"]})")
        .str();
  }

  TestRun run_;
  std::unique_ptr<Schedule> schedule_;
};

}  // namespace kith
