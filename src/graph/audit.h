#pragma once

#include <optional>

#include "graph/schedule.h"

namespace kith {

/// A sum of weights that should be one.
struct WrongSum {
  Round round;
  Uid node;
  double sum;
};

/// What the mixing matrices of a schedule fail to promise: the first place of each kind, if any.
struct Audit {
  std::optional<WrongSum> row;     ///< what `node` puts on itself and on those it hears
  std::optional<WrongSum> column;  ///< what all put on `node`; W then moves the network's mean
};

/// Looks at every round of a period; where that takes more than a second, and of a schedule that
/// never repeats, at the first rounds. Sums count as one to 1e-9.
Audit audit_weights(const Schedule& schedule);

/// Two nodes of which the one puts another weight on the other than gets back.
struct Asymmetry {
  Round round;
  Uid node;
  Uid other;
};

/// The first asymmetry of W, to 1e-12, if there is one. Looks at the same rounds.
std::optional<Asymmetry> asymmetry(const Schedule& schedule);

/// The first edge that goes one way only, whatever the weights: `node` hears `other` and is not
/// heard by it. Looks at the same rounds.
std::optional<Asymmetry> one_way_edge(const Schedule& schedule);

}  // namespace kith
