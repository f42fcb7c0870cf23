#pragma once

#include "node/node.h"

namespace kith {

/// The gradient a node saw last, for algorithms that tell each other how it changes. What is taken
/// off again is the same minibatch gradient that was added: then the trackers of all nodes have the
/// mean of their gradients, always.
class LastGradient {
 public:
  /// v ← ∇F(x). Remembers it.
  Task<> start(Node& self, Channel& tracker);

  /// v ← v + ∇F(x) − the last one. Remembers the new one.
  Task<> add_change(Node& self, Channel& tracker);

  void walk_state(StateWalker& walker) { walker.tensor("gradient", gradient_.view()); }

 private:
  Array gradient_;
};

}  // namespace kith
