#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/body.h"
#include "core/layout.h"
#include "core/needs.h"
#include "core/registry.h"
#include "core/reports.h"
#include "core/state.h"
#include "core/types.h"

namespace kith {

/// What a node says about its model, and how it merges what it hears. It knows no transport and no
/// graph: it gets a vector, messages and weights. One object serves one node for a whole run, from
/// one thread at a time; `start` is called once, then in each round `say` and `hear`, in this order
/// for each exchange.
class Sharing {
 public:
  using Common = NoCommon;

  /// The node it serves.
  struct Context {
    Uid uid = 0;
    std::uint64_t seed = 0;
    const ParameterLayout& layout;  ///< outlives the object
    Device device = {};
    Reports& reports;                 ///< for metrics of its own; outlives the object
    std::vector<Uid> neighbors = {};  ///< whom it hears in round 0, ascending; ever, if W is static
  };

  /// A neighbor whose message is merged, with what this node (receiver i) puts on it (sender j).
  struct Sender {
    Uid uid = 0;
    float weight = 0;  ///< W_ij
  };

  /// One exchange of one round, as the graph has it.
  struct Turn {
    Round round = 0;
    int exchange = 0;                 ///< 0 .. exchanges() − 1
    float self_weight = 0;            ///< W_ii; with the senders' weights it need not make 1
    std::span<const Sender> senders;  ///< ascending by uid
    std::span<const Uid> receivers;   ///< ascending
  };

  /// What a sender said, in the order of Turn::senders.
  struct Heard {
    Uid sender = 0;
    float weight = 0;
    const Body* body = nullptr;
  };

  /// Where a node's messages of one exchange go: one for all receivers, or one for each.
  class Outbox {
   public:
    void to_all(Body body) { common_ = std::move(body); }
    void to(Uid receiver, Body body) { single_.emplace_back(receiver, std::move(body)); }

    const std::optional<Body>& common() const { return common_; }
    const std::vector<std::pair<Uid, Body>>& single() const { return single_; }

   private:
    std::optional<Body> common_;
    std::vector<std::pair<Uid, Body>> single_;
  };

  static Registry<Sharing, const Context&>& registry();

  virtual ~Sharing() = default;

  /// What the graph, its weights and the start must be, besides what the protocol needs.
  virtual Needs needs() const { return {}; }

  /// Whether vectors may lie on a device: all that is done to them is done by kernels and copies.
  virtual bool on_device() const { return false; }

  /// Whether a node hears just W x, so that column-stochastic weights keep the sum over all nodes,
  /// whatever a vector's elements mean.
  virtual bool keeps_sums() const { return false; }

  /// The vector this node starts with, before any training.
  virtual void start(ConstArrayView) {}

  /// How many times per round all neighbors talk and listen.
  virtual int exchanges() const { return 1; }

  /// Puts into `outbox` what this node, at `x`, says to its receivers. A published x is never
  /// written again: a message may refer to it.
  virtual void say(const Turn& turn, const Slot& x, Outbox& outbox) = 0;

  /// Merges what was heard. After the last exchange `out`, which is as long as x and overlaps no
  /// message, holds the node's next vector. Throws PeerError for a message that cannot be.
  virtual void hear(const Turn& turn, const Slot& x, std::span<const Heard> heard,
                    ArrayView out) = 0;

  /// Lists what it remembers from one round to the next.
  virtual void walk_state(StateWalker&) {}
};

}  // namespace kith
