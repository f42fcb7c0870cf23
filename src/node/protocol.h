#pragma once

#include "core/needs.h"
#include "core/registry.h"
#include "core/task.h"

namespace kith {

class Node;

/// An algorithm of decentralized learning: who talks when. One object per node, run once; it reads
/// from top to bottom like the algorithm in its paper.
class Protocol {
 public:
  using Common = NoCommon;

  static Registry<Protocol>& registry();

  virtual ~Protocol() = default;

  /// What the graph, its weights and the start must be for the algorithm to be what its paper says.
  virtual Needs needs() const = 0;

  /// The whole run of one node. `self` outlives the task.
  virtual Task<> run(Node& self) = 0;
};

}  // namespace kith
