#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "graph/schedule.h"

namespace kith {

/// A schedule that draws a graph for every round, which cannot be done for a node alone. The graphs
/// of the rounds used last are kept; one that comes back later is drawn again, the same.
class DrawnSchedule : public Schedule {
 public:
  std::int64_t nodes() const final { return nodes_; }
  Neighborhood neighborhood(Uid node, Round round) const final;
  Round period() const final { return 0; }

 protected:
  explicit DrawnSchedule(std::int64_t nodes) : nodes_(nodes) {}

  /// The graph of `round`, as that of any round of the schedule returned. Called from any thread,
  /// for several rounds at a time.
  virtual std::unique_ptr<Schedule> draw(Round round) const = 0;

 private:
  /// Nodes are some rounds apart: as many as messages may be ahead, and a few more across the
  /// network.
  static constexpr std::size_t kMostRounds = 8;

  struct Drawn {
    explicit Drawn(Round r) : round(r) {}

    Round round;
    std::once_flag once;
    std::unique_ptr<Schedule> graph;
  };

  std::shared_ptr<Drawn> slot(Round round) const;

  std::int64_t nodes_;
  mutable std::mutex mutex_;
  mutable std::vector<std::shared_ptr<Drawn>> recent_;  // the one used last is last
};

}  // namespace kith
