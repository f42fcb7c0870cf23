#pragma once

#include "core/task.h"
#include "core/types.h"
#include "node/snapshot.h"

namespace kith {

class Node;

/// Looks on while nodes learn.
class Observer {
 public:
  virtual ~Observer() = default;

  /// Called by every node when it has `completed` rounds; 0 at the start.
  virtual void passed(Round completed) = 0;

  /// Whether there is something to look at after `completed` rounds. Equal for all nodes.
  virtual bool due(Round completed) const = 0;

  /// Called by every node when it is due. The nodes meet here: the task ends when all have come and
  /// been looked at; none changes its vector meanwhile.
  virtual Task<> observe(Node& node, Round completed) = 0;

  /// The same without a meeting, for a node of an asynchronous protocol: what is seen of it after
  /// `completed` rounds, when that is due and neither the start nor the end. Waits only where
  /// memory for what nobody else has reached yet runs out.
  virtual Task<> note(Snapshot snapshot, Round completed) = 0;

  /// Ends when all nodes of the run, in all processes, have come here.
  virtual Task<> gather(Node& node) = 0;
};

}  // namespace kith
