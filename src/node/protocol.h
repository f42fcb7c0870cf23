#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/needs.h"
#include "core/registry.h"
#include "core/state.h"
#include "core/task.h"
#include "node/channel.h"
#include "node/service.h"

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

  /// Whether its vectors may lie on a device: all that is done to them is done by kernels and
  /// copies.
  virtual bool on_device() const { return false; }

  /// Throws Error when so many rounds on this graph do not go with its own options.
  virtual void check(const Schedule&, Round /*rounds*/) const {}

  /// The vectors that travel between neighbors by a sharing method. Equal on all nodes.
  virtual std::vector<Channel::Spec> channels() const { return {Channel::Spec{}}; }

  /// The method that serves a channel; null for the one of the config.
  virtual std::unique_ptr<Sharing> make_sharing(const Channel::Spec&,
                                                const Sharing::Context&) const {
    return nullptr;
  }

  /// How many kinds of messages of its own there are in a round of `nodes` nodes, for Node::post.
  virtual Kind own_kinds(std::int64_t) const { return 0; }

  /// Lanes of loose messages, for Node::mail.
  virtual int lanes() const { return 0; }

  /// Whether `serve` runs beside `run`.
  virtual bool serves() const { return false; }

  /// What a node does for others, in a coroutine of its own, for as long as any node of the run
  /// goes on: then it is cancelled. It may use the node's mail and vectors; what it shares with
  /// `run` a lock protects.
  virtual Task<> serve(Node&) { co_return; }

  /// Vectors as long as x that all nodes together send in messages of its own in a round, about:
  /// for the plan.
  virtual double own_vectors(std::int64_t) const { return 0; }

  /// How many edges, each in one direction, the neighbors have at most whom nodes find in the
  /// course of the run. Absent where they are the graph's.
  virtual std::optional<double> found_edges(std::int64_t /*nodes*/) const { return std::nullopt; }

  /// What its service is called, "the server"; "" where it has none.
  virtual std::string service_name() const { return ""; }

  /// The service, where there is one.
  virtual std::unique_ptr<Service> make_service(const Service::Context&) const { return nullptr; }

  /// The whole run of one node. `self` outlives the task.
  virtual Task<> run(Node& self) = 0;

  /// Lists what it remembers from one round to the next, besides x and the channels.
  virtual void walk_state(StateWalker&) {}
};

}  // namespace kith
