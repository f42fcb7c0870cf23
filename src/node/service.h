#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/layout.h"
#include "core/state.h"
#include "core/task.h"
#include "graph/schedule.h"

namespace kith {

class Node;

/// A member of the run that serves all nodes: a parameter server, a sampler of peers. It is node n
/// of a run of n, without data or neighbors. It is reached by the messages of its protocol, and its
/// vector starts where node 0's does. One object, run once; it lives in one of the processes.
class Service {
 public:
  /// What it may know from the start.
  struct Context {
    std::uint64_t seed = 0;             ///< the run's
    const Schedule& schedule;           ///< outlives the service
    std::vector<std::int64_t> samples;  ///< by node, of its training data
    const ParameterLayout& layout;      ///< likewise
  };

  virtual ~Service() = default;

  /// The whole run. `self` outlives the task. The service observes whenever its nodes do.
  virtual Task<> run(Node& self) = 0;

  /// Lists what it remembers from one round to the next, besides its vector.
  virtual void walk_state(StateWalker&) {}
};

}  // namespace kith
