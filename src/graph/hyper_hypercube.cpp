#include <algorithm>
#include <string>

#include "graph/mixed_radix.h"
#include "graph/node_count.h"
#include "graph/own_weights.h"
#include "graph/topology_facts.h"

namespace kith {
namespace {

/// The k-peer Hyper-HyperCube (Takezawa, Sato, Bao, Niwa & Yamada, NeurIPS 2023): n = n_1 ⋯ n_L
/// with every n_l ≤ k + 1; in round l a node averages with the n_l − 1 ≤ k nodes whose numbers, in
/// that mixed radix, differ in digit l alone. Symmetric; L rounds in a row average exactly.
class HyperHypercube final : public Schedule {
 public:
  struct Params {
    std::int64_t k = 0;

    void fields(Fields& f) { f.required("k", k, "most neighbors at a time", Range{.at_least = 1}); }
  };

  HyperHypercube(Params params, const Context& context)
      : nodes_(context.nodes), radix_(digits(context.nodes, params.k)) {
    require_own_weights(context, "hyper_hypercube");
  }

  std::int64_t nodes() const override { return nodes_; }

  Neighborhood neighborhood(Uid node, Round round) const override {
    if (nodes_ == 1) return alone();
    return average_over(radix_.group(node, round % radix_.digits()), node);
  }

  Round period() const override { return std::max<Round>(1, radix_.digits()); }

 private:
  static MixedRadix digits(std::int64_t nodes, std::int64_t k) {
    k = most_neighbors(k, nodes);
    if (const auto radix = MixedRadix::of(nodes, k + 1)) return *radix;
    const auto is_smooth = [k](std::int64_t n) { return smooth_part(n, k + 1) == n; };
    std::int64_t below = nodes - 1;
    while (!is_smooth(below)) --below;
    std::int64_t above = nodes + 1;
    while (!is_smooth(above)) ++above;
    fail_at_nodes(nodes, "hyper_hypercube with k " + std::to_string(k),
                  "a product of factors up to " + std::to_string(k + 1), below, above);
  }

  std::int64_t nodes_;
  MixedRadix radix_;
};

const Register<Schedule, HyperHypercube> registered{
    "hyper_hypercube", "cliques of at most k + 1 along one digit of the uid each round",
    TopologyFacts{.degree = "at most k",
                  .period = "as many as n has factors up to k + 1",
                  .product_distance = "0",
                  .source = "Takezawa, Sato, Bao, Niwa & Yamada, NeurIPS 2023 (arXiv:2305.11420)",
                  .example = "--nodes 12 --k 2"}};

}  // namespace
}  // namespace kith
