#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/needs.h"
#include "core/registry.h"
#include "core/state.h"
#include "core/task.h"
#include "node/channel.h"

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

  /// The vectors that travel between neighbors by a sharing method. Equal on all nodes.
  virtual std::vector<Channel::Spec> channels() const { return {Channel::Spec{}}; }

  /// The method that serves a channel; null for the one of the config.
  virtual std::unique_ptr<Sharing> make_sharing(const Channel::Spec&,
                                                const Sharing::Context&) const {
    return nullptr;
  }

  /// How many kinds of messages of its own there are in a round of `nodes` nodes, for Node::post.
  virtual Kind own_kinds(std::int64_t) const { return 0; }

  /// The whole run of one node. `self` outlives the task.
  virtual Task<> run(Node& self) = 0;

  /// Lists what it remembers from one round to the next, besides x and the channels.
  virtual void walk_state(StateWalker&) {}
};

}  // namespace kith
