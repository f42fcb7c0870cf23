#include <algorithm>
#include <bit>

#include "graph/node_count.h"
#include "graph/own_weights.h"
#include "graph/peers.h"
#include "graph/topology_facts.h"

namespace kith {
namespace {

/// One dimension of a hypercube each round: of n = 2^D nodes, i averages in round t with
/// i xor 2^(t mod D). Symmetric; any D rounds in a row average exactly.
class OnePeerHypercube final : public Schedule {
 public:
  using Params = NoParams;

  OnePeerHypercube(Params, const Context& context) : nodes_(context.nodes) {
    require_power_of_two(nodes_, "one_peer_hypercube");
    require_own_weights(context, "one_peer_hypercube");
  }

  std::int64_t nodes() const override { return nodes_; }

  Neighborhood neighborhood(Uid node, Round round) const override {
    if (nodes_ == 1) return alone();
    return average_with(node ^ (Uid{1} << (round % period())));
  }

  Round period() const override {
    return std::max(1, std::countr_zero(static_cast<std::uint64_t>(nodes_)));
  }

 private:
  std::int64_t nodes_;
};

const Register<Schedule, OnePeerHypercube> registered{
    "one_peer_hypercube",
    "one dimension of a hypercube each round: exact averaging in log2 n rounds",
    TopologyFacts{.degree = "1",
                  .period = "log2(n)",
                  .product_distance = "0",
                  .source = "the symmetric one-peer exponential graph; one-peer-exp in Decent-DP",
                  .example = "--nodes 16"}};

}  // namespace
}  // namespace kith
