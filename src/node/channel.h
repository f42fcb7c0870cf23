#pragma once

#include <memory>
#include <string>
#include <vector>

#include "communication/message.h"
#include "core/task.h"
#include "sharing/sharing.h"

namespace kith {

class Node;

/// A vector of a node that travels: its parameters, a gradient tracker, push-sum's numerator. A
/// sharing method of its own says it to the neighbors and merges what they say.
///
/// All nodes use their channels in the same order in every round: that is how messages of several
/// kinds find each other.
class Channel {
 public:
  /// What a protocol says of it before the run.
  struct Spec {
    std::string name = "x";  ///< "x" is the node's parameter vector itself
    int mixes = 1;           ///< how often a round mixes it, at most
    /// One number more travels behind the parameters, as push-sum's weight. Such a vector starts as
    /// x and 1, any other but x as zero.
    bool weighted = false;
  };

  /// Made by the node. `value` outlives the channel.
  Channel(Node& node, Spec spec, std::shared_ptr<Array>& value, std::unique_ptr<Sharing> sharing);
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  const std::string& name() const { return spec_.name; }

  // --- the vector ---

  ConstArrayView value() const { return value_->view(); }

  /// The vector as it is now, which nobody writes while this is held.
  Slot published() const { return value_; }

  /// To change it in place; a copy where somebody still reads what was published.
  ArrayView edit();

  /// To write all of it; what it holds until then is arbitrary.
  ArrayView overwrite();

  // --- talking ---

  /// v ← W v, by the sharing method: say, then hear.
  Task<> mix();

  /// Says the vector to the neighbors of this round. From now until `hear` is done it is read-only.
  Task<> say();

  /// Hears the neighbors; the vector becomes the merged one.
  Task<> hear();

  /// Of this channel alone.
  const Traffic& traffic() const { return traffic_; }

  /// What the sharing method remembers.
  void walk_state(StateWalker& walker) { sharing_->walk_state(walker); }

 private:
  friend class Node;

  Sharing::Turn turn(int exchange) const;
  Task<> send(Sharing::Outbox& outbox, int exchange);
  Task<> merge(int exchange);
  std::shared_ptr<Array> fresh() const;

  Node& node_;
  Spec spec_;
  std::shared_ptr<Array>& value_;  // shared while it is published
  std::unique_ptr<Sharing> sharing_;
  Kind first_kind_ = 0;  // of the messages that are under way
  Round mixing_ = -1;    // of this channel since the start, where all rounds have their most
  Traffic traffic_;
};

}  // namespace kith
