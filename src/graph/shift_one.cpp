#include "graph/node_count.h"
#include "graph/own_weights.h"
#include "graph/peers.h"
#include "graph/topology_facts.h"

namespace kith {
namespace {

/// Bagua's shift_one (Gan et al., VLDB 2022): with h = n/2, node r < h averages in round t with
/// node h + ((t + r) mod h). Consecutive rounds shift the halves by one place, so that it mixes
/// like a ring: ‖W_{t−1} ⋯ W_0 − J‖ = cos(2π/n)^(t−1).
class ShiftOne final : public Schedule {
 public:
  using Params = NoParams;

  ShiftOne(Params, const Context& context) : nodes_(context.nodes) {
    require_even(nodes_, "shift_one");
    require_own_weights(context, "shift_one");
  }

  std::int64_t nodes() const override { return nodes_; }

  Neighborhood neighborhood(Uid node, Round round) const override {
    const std::int64_t half = nodes_ / 2;
    const std::int64_t shift = round % half;
    const std::int64_t peer = node < half ? half + (node + shift) % half : (node - shift) % half;
    return average_with(static_cast<Uid>(peer));
  }

  Round period() const override { return nodes_ / 2; }

 private:
  std::int64_t nodes_;
};

const Register<Schedule, ShiftOne> registered{
    "shift_one", "the lower half meets the upper, one place further each round",
    TopologyFacts{
        .degree = "1",
        .period = "n/2",
        .product_distance =
            "cos(2π/n)^(n/2 − 1) for n ≥ 4; cos(2π/n)^(t − 1) after t rounds, as of a ring",
        .source = "Bagua (Gan et al., VLDB 2022, arXiv:2107.01499)",
        .example = "--nodes 12"}};

}  // namespace
}  // namespace kith
