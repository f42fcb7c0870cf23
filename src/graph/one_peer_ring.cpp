#include "graph/node_count.h"
#include "graph/own_weights.h"
#include "graph/peers.h"
#include "graph/topology_facts.h"

namespace kith {
namespace {

/// A ring of an even number of nodes, half of its edges at a time: (0,1)(2,3)… in even rounds,
/// (1,2)(3,4)…(n−1,0) in odd ones. After t rounds ‖W_{t−1} ⋯ W_0 − J‖ = cos(2π/n)^(t−1).
class OnePeerRing final : public Schedule {
 public:
  using Params = NoParams;

  OnePeerRing(Params, const Context& context) : nodes_(context.nodes) {
    require_even(nodes_, "one_peer_ring");
    require_own_weights(context, "one_peer_ring");
  }

  std::int64_t nodes() const override { return nodes_; }

  Neighborhood neighborhood(Uid node, Round round) const override {
    const std::int64_t step = (node + round) % 2 == 0 ? 1 : -1;
    return average_with(static_cast<Uid>((node + step + nodes_) % nodes_));
  }

  Round period() const override { return 2; }

 private:
  std::int64_t nodes_;
};

const Register<Schedule, OnePeerRing> registered{
    "one_peer_ring", "every other edge of a ring, then the others; an even number of nodes",
    TopologyFacts{
        .degree = "1",
        .period = "2",
        .product_distance = "cos(2π/n) for n ≥ 4; cos(2π/n)^(t − 1) after t rounds",
        .source = "ring in Decent-DP (Wang, Zhang, Wu & Johansson, ICLR 2025, arXiv:2410.11998)",
        .example = "--nodes 16"}};

}  // namespace
}  // namespace kith
