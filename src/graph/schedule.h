#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/registry.h"
#include "core/types.h"
#include "graph/weights.h"

namespace kith {

/// One node's view of one round: its row of the mixing matrix W, and who needs its message.
struct Neighborhood {
  struct Sender {
    Uid uid;
    double weight;  ///< W[i,j], what this node (the receiver i) puts on sender j
  };

  double self_weight = 1;       ///< W[i,i]
  std::vector<Sender> senders;  ///< ascending by uid, without the node itself
  std::vector<Uid> receivers;   ///< ascending by uid, without the node itself
};

/// Who talks to whom, and with which weights, in every round. A function of (seed, round) that
/// every process computes alone. Immutable, so thread-safe.
class Schedule {
 public:
  /// Options of every graph.
  struct Common {
    /// Absent: the graph's own rule, which is Metropolis–Hastings unless the graph says otherwise.
    std::optional<Blueprint<Weights>> weights;
    std::optional<std::int64_t> seed;

    void fields(Fields& f) {
      f.optional("weights", weights,
                 "the mixing matrix W on the graph; by default the graph's own, or else "
                 "metropolis_hastings");
      f.optional("seed", seed, "draws this graph whatever the run's seed", Range{.at_least = 0});
    }
  };

  /// `seed` is the graph's own where the config gives one, else the run's.
  struct Context {
    std::int64_t nodes = 0;
    std::uint64_t seed = 0;
    const Common* common = nullptr;
  };

  static Registry<Schedule, const Context&>& registry();

  virtual ~Schedule() = default;

  virtual std::int64_t nodes() const = 0;

  /// The neighborhood of `node` in `round`.
  virtual Neighborhood neighborhood(Uid node, Round round) const = 0;

  /// Rounds after which the graphs repeat: 1 for a static graph, 0 when they never do.
  virtual Round period() const = 0;
};

}  // namespace kith
