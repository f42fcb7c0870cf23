#pragma once

#include "core/task.h"
#include "core/types.h"

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
};

}  // namespace kith
