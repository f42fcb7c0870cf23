#pragma once

#include <memory>
#include <vector>

#include "graph/schedule.h"

namespace kith {

/// A schedule that holds its mixing matrices, one for each round of its period. With one of them
/// it is a static graph, and every static topology is made from it.
class StoredSchedule : public Schedule {
 public:
  /// `period` is not empty, and its matrices have the same nodes.
  explicit StoredSchedule(std::vector<MixingMatrix> period) : period_(std::move(period)) {}

  /// A static graph with the weights that the config chose, or else Metropolis–Hastings weights.
  StoredSchedule(Graph graph, const Context& context);

  /// A static graph that comes with its own W, which holds unless the config chose weights.
  StoredSchedule(MixingMatrix own, const Context& context);

  std::int64_t nodes() const override { return period_.front().graph.nodes(); }
  Neighborhood neighborhood(Uid node, Round round) const override;
  Round period() const override { return Round(period_.size()); }

 private:
  std::vector<MixingMatrix> period_;
};

/// The weights that the config chose; Metropolis–Hastings where it chose none.
std::unique_ptr<Weights> weights_of(const Schedule::Context& context);

/// The weights that the config chose; null where it chose none.
const Blueprint<Weights>* given_weights(const Schedule::Context& context);

}  // namespace kith
