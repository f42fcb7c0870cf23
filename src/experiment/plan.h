#pragma once

#include <cstdint>
#include <string>

#include "experiment/experiment.h"
#include "graph/analysis.h"

namespace kith {

/// What a run will do, found out without training: what `kith check` prints.
struct Plan {
  GraphInfo graph;
  std::int64_t processes = 1;
  std::uint64_t parameters = 0;
  std::uint64_t train_samples = 0, test_samples = 0;
  std::uint64_t partition_min = 0, partition_max = 0;
  std::int64_t nodes_without_data = 0;
  std::int64_t local_steps_max = 0;   ///< per node and round
  std::uint64_t message_bytes = 0;    ///< of node 0's first message, header included
  std::uint64_t bytes_per_round = 0;  ///< of all nodes, if all talk as node 0 does
  std::uint64_t memory_bytes = 0;     ///< bound on vectors and optimizer state
  double evaluation_share = 0;        ///< of the arithmetic, forward passes counted
};

Plan make_plan(const Experiment& experiment);

/// A line a fact.
std::string plan_text(const Experiment& experiment, const Plan& plan);
std::string plan_json(const Experiment& experiment, const Plan& plan);

}  // namespace kith
