#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "support/quadratic_run.h"
#include "support/source_folder.h"

namespace kith {

/// A file of expected numbers; null where it is not there.
inline nlohmann::json oracle(const char* name) {
  std::ifstream stream(source_folder() / "../shared/oracles" / name);
  return stream ? nlohmann::json::parse(stream) : nlohmann::json();
}

/// A run that trajectories.json foretells: on its problem, from its start.
struct Trajectory {
  std::string trace;   ///< by its name there
  std::string config;  ///< what is its own: {"node": …, "training": {"lr": …}}. W is the trace's
                       ///< where that has one and no "graph" is given here.
  bool starts_at_node_0 = false;  ///< all where node 0 starts
  Round rounds = 100;             ///< with a top-k 10: in float32 it may choose otherwise later

  /// What of the nodes' parameters (a row a node) is compared; all, if it is not given.
  std::function<Matrix(const Matrix&)> rows = {};
};

/// Runs `run_of` on the problem of `all`, which is trajectories.json.
inline void run_on(const nlohmann::json& all, const Trajectory& run_of, TestRun& run) {
  using nlohmann::json;
  json x0 = all.at("X0");
  if (run_of.starts_at_node_0) x0 = json(x0.size(), x0[0]);
  std::ofstream(run.folder() / "q.json")
      << json{{"A", all.at("A")}, {"b", all.at("b")}, {"x0", x0}};
  json config{{"nodes", all.at("n")},
              {"rounds", run_of.rounds},
              {"dataset", {{"type", "quadratics"}, {"path", run.folder() / "q.json"}}},
              {"model", "vector"},
              {"training", {{"type", "sgd"}}},
              {"evaluation", {{"every", 1}, {"record", {"parameters"}}}}};
  config.merge_patch(json::parse(run_of.config));
  if (!config.contains("graph")) {
    const std::string matrix = all.at("traces").at(run_of.trace).at("W");
    write_matrix(all.at("matrices").at(matrix), run.folder() / "w.json");
    config["graph"] = {{"type", "file"}, {"path", run.folder() / "w.json"}};
  }
  run.run(config.dump());
}

/// Compares every recorded round with the trace: in float32 the first ten agree within 1e-5 and the
/// rest within 1e-4. A trace of one row is that of all nodes.
inline void expect_trajectory(const Trajectory& run_of) {
  using nlohmann::json;
  const json all = oracle("trajectories.json");
  if (all.is_null()) GTEST_SKIP() << "NOT CHECKED: trajectories.json is not there";
  TestRun run;
  run_on(all, run_of, run);
  const json& trace = all.at("traces").at(run_of.trace);
  int compared = 0;
  for (const auto& [text, expected] : trace.at("X").items()) {
    const Round round = std::stoi(text);
    if (round > run_of.rounds) continue;
    const Matrix all_rows = run.parameters(round);
    const Matrix x = run_of.rows ? run_of.rows(all_rows) : all_rows;
    Matrix foretold = expected;
    if (foretold.size() == 1) foretold.resize(x.size(), foretold[0]);
    EXPECT_LT(largest_difference(x, foretold), round <= 10 ? 1e-5 : 1e-4) << "round " << text;
    ++compared;
  }
  EXPECT_GT(compared, 0);
}

}  // namespace kith
