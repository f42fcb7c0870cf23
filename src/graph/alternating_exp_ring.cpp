#include <algorithm>
#include <bit>

#include "core/error.h"
#include "core/text.h"
#include "graph/node_count.h"
#include "graph/own_weights.h"
#include "graph/peers.h"
#include "graph/topology_facts.h"

namespace kith {
namespace {

/// Decent-DP's alternating exponential ring on N = 2^m machines of L nodes each. For each exponent
/// i < m the machines pair up, j with j xor 2^i, for two rounds: in one, every machine averages
/// inside itself, in the other over the 2 L nodes of its pair. Of the pairs, counted over all
/// rounds in increasing j, every other one takes the two the other way round, so that half of them
/// use the network while the other half stay inside. A period of 2 m rounds averages exactly.
class AlternatingExpRing final : public Schedule {
 public:
  struct Params {
    std::int64_t nodes_per_machine = 0;

    void fields(Fields& f) {
      f.required("nodes_per_machine", nodes_per_machine,
                 "L, consecutive nodes that share a machine", Range{.at_least = 1});
    }
  };

  AlternatingExpRing(Params params, const Context& context)
      : nodes_(context.nodes), per_machine_(params.nodes_per_machine) {
    check();
    require_own_weights(context, "alternating_exp_ring");
    exponents_ = std::countr_zero(static_cast<std::uint64_t>(nodes_ / per_machine_));
  }

  std::int64_t nodes() const override { return nodes_; }

  Neighborhood neighborhood(Uid node, Round round) const override {
    const Round exponent = round % period() / 2;
    const std::int64_t bit = std::int64_t{1} << exponent;
    const std::int64_t machine = node / per_machine_;
    const std::int64_t low = machine & ~bit;  // the lower machine of the pair
    const std::int64_t rank = (low >> (exponent + 1) << exponent) | (low & (bit - 1));
    const std::int64_t counter = exponent * (nodes_ / per_machine_ / 2) + rank;
    const bool inside = (round + counter) % 2 == 0;
    if (inside) return average_over({machine * per_machine_, 1, per_machine_}, node);
    return average_over_pair(low, low | bit, node);
  }

  Round period() const override { return 2 * exponents_; }

 private:
  void check() const {
    require_even(nodes_, "alternating_exp_ring");
    const std::int64_t machines = nodes_ / per_machine_;
    if (nodes_ % per_machine_ == 0 && machines >= 2 &&
        std::has_single_bit(static_cast<std::uint64_t>(machines))) {
      return;
    }
    // Nodes over a power of two: the nearest on both sides of what was asked for, if there are.
    std::vector<std::string> choices;
    for (std::int64_t nodes = nodes_; nodes % 2 == 0; nodes /= 2) {
      if (nodes / 2 > per_machine_) choices.clear();
      choices.insert(choices.begin(), std::to_string(nodes / 2));
      if (nodes / 2 <= per_machine_) break;
    }
    throw ConfigError("/graph/nodes_per_machine: must share " + std::to_string(nodes_) +
                      " nodes among 2, 4, 8, … machines, got " + std::to_string(per_machine_) +
                      "; " + join(choices, " or ") + " would work");
  }

  Neighborhood average_over_pair(std::int64_t low, std::int64_t high, Uid node) const {
    const double weight = 1.0 / double(2 * per_machine_);
    std::vector<Neighborhood::Sender> peers;
    peers.reserve(std::size_t(2 * per_machine_ - 1));
    for (const std::int64_t machine : {low, high}) {
      for (std::int64_t k = 0; k < per_machine_; ++k) {
        const auto uid = static_cast<Uid>(machine * per_machine_ + k);
        if (uid != node) peers.push_back({uid, weight});
      }
    }
    return with_peers(weight, std::move(peers));
  }

  std::int64_t nodes_;
  std::int64_t per_machine_;
  Round exponents_ = 0;  // m
};

const Register<Schedule, AlternatingExpRing> registered{
    "alternating_exp_ring", "Decent-DP's AER: machines average inside, and in pairs 2^i apart",
    TopologyFacts{.degree = "L − 1 inside a machine, 2L − 1 in a pair",
                  .period = "2·log2(n/L)",
                  .product_distance = "0",
                  .source = "Decent-DP (Wang, Zhang, Wu & Johansson, ICLR 2025, arXiv:2410.11998)",
                  .example = "--nodes 16 --nodes_per_machine 2"}};

}  // namespace
}  // namespace kith
