#include <bit>

#include "graph/own_weights.h"
#include "graph/peers.h"
#include "graph/topology_facts.h"

namespace kith {
namespace {

/// The one-peer exponential graph (Ying, Yuan, Chen, Hu, Pan & Yin, NeurIPS 2021): with
/// τ = ⌈log₂ n⌉, node i hears in round t only node i + 2^(t mod τ) (mod n),
///     W_t = (I + P^(2^(t mod τ))) / 2.
/// Directed, doubly stochastic for every n. Any τ rounds in a row average exactly if n = 2^τ.
class OnePeerExponential final : public Schedule {
 public:
  using Params = NoParams;

  OnePeerExponential(Params, const Context& context)
      : nodes_(context.nodes), period_(std::bit_width(std::uint64_t(context.nodes - 1))) {
    require_own_weights(context, "one_peer_exponential");
  }

  std::int64_t nodes() const override { return nodes_; }

  Neighborhood neighborhood(Uid node, Round round) const override {
    if (nodes_ == 1) return alone();
    const std::int64_t offset = std::int64_t{1} << (round % period_);
    const auto sender = static_cast<Uid>((node + offset) % nodes_);
    const auto receiver = static_cast<Uid>((node + nodes_ - offset) % nodes_);
    return {0.5, {{sender, 0.5}}, {receiver}};
  }

  Round period() const override { return nodes_ == 1 ? 1 : period_; }

 private:
  std::int64_t nodes_;
  Round period_;  // τ
};

const Register<Schedule, OnePeerExponential> registered{
    "one_peer_exponential",
    "round t hears node i + 2^t, t modulo log2 n: exact averaging for a power of two",
    TopologyFacts{
        .degree = "1",
        .period = "⌈log2(n)⌉",
        .product_distance =
            "|sin(2^p·π/n)|/(2^p·sin(π/n)) for p = ⌈log2(n)⌉; exact averaging for n a power of 2",
        .source = "Ying, Yuan, Chen, Hu, Pan & Yin, NeurIPS 2021 (arXiv:2110.13363)",
        .example = "--nodes 16"}};

}  // namespace
}  // namespace kith
