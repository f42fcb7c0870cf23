#include "graph/stored_schedule.h"
#include "graph/topology_facts.h"

namespace kith {
namespace {

/// Everybody talks to everybody. Rows are made when asked for: the n² entries are never stored.
class FullyConnected final : public Schedule {
 public:
  using Params = NoParams;

  FullyConnected(Params, const Context& context)
      : nodes_(context.nodes), weight_(weights_of(context)->on_complete_graph(context.nodes)) {
    double sum = 0;  // in the order in which stored matrices take it
    for (std::int64_t j = 1; j < nodes_; ++j) sum += weight_;
    self_weight_ = 1 - sum;
  }

  std::int64_t nodes() const override { return nodes_; }

  Neighborhood neighborhood(Uid node, Round) const override {
    Neighborhood neighborhood{self_weight_, {}, {}};
    neighborhood.senders.reserve(std::size_t(nodes_ - 1));
    neighborhood.receivers.reserve(std::size_t(nodes_ - 1));
    for (Uid other = 0; other < nodes_; ++other) {
      if (other == node) continue;
      neighborhood.senders.push_back({other, weight_});
      neighborhood.receivers.push_back(other);
    }
    return neighborhood;
  }

  Round period() const override { return 1; }

 private:
  std::int64_t nodes_;
  double weight_;
  double self_weight_;
};

const Register<Schedule, FullyConnected> registered{
    "fully_connected", "everybody talks to everybody",
    TopologyFacts{.degree = "n − 1",
                  .spectral_gap = "1",
                  .source = "the all-reduce of centralized training",
                  .example = "--nodes 16"}};
const Register<Schedule, FullyConnected> also_registered{"complete",
                                                         "another name of fully_connected"};

}  // namespace
}  // namespace kith
