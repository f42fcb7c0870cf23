#include <algorithm>

#include "graph/weights.h"

namespace kith {
namespace {

/// Metropolis–Hastings weights: each edge gets what its busier end can afford,
///     w_ij = 1 / (1 + max(d_i, d_j)),
/// and the node keeps the rest. W is symmetric and doubly stochastic on every undirected graph, and
/// a node need only know its neighbors' degrees.
class MetropolisHastings final : public Weights {
 public:
  using Params = NoParams;

  explicit MetropolisHastings(Params) {}

  MixingMatrix on(Graph graph) const override {
    require_undirected(graph, "metropolis_hastings");
    std::vector<std::int64_t> degrees;
    for (Uid node = 0; node < graph.nodes(); ++node) degrees.push_back(graph.degree(node));
    return stochastic_matrix(std::move(graph), [&degrees](Uid i, Uid j) {
      return 1.0 / double(1 + std::max(degrees[std::size_t(i)], degrees[std::size_t(j)]));
    });
  }

  double on_complete_graph(std::int64_t nodes) const override { return 1.0 / double(nodes); }
};

const Register<Weights, MetropolisHastings> registered{
    "metropolis_hastings", "1 / (1 + the larger degree of the edge's ends): doubly stochastic"};

}  // namespace
}  // namespace kith
