#include <algorithm>

#include "graph/weights.h"

namespace kith {
namespace {

/// Every edge gets the weight that the busiest node of the graph can afford:
///     w_ij = 1 / (1 + d_max).
/// W is symmetric and doubly stochastic; all nodes must know d_max.
class MaxDegree final : public Weights {
 public:
  using Params = NoParams;

  explicit MaxDegree(Params) {}

  MixingMatrix on(Graph graph) const override {
    require_undirected(graph, "max_degree");
    std::int64_t largest = 0;
    for (Uid node = 0; node < graph.nodes(); ++node) {
      largest = std::max(largest, graph.degree(node));
    }
    const double weight = 1.0 / double(1 + largest);
    return stochastic_matrix(std::move(graph), [weight](Uid, Uid) { return weight; });
  }

  double on_complete_graph(std::int64_t nodes) const override { return 1.0 / double(nodes); }
};

const Register<Weights, MaxDegree> registered{
    "max_degree", "1 / (1 + the graph's largest degree): doubly stochastic"};

}  // namespace
}  // namespace kith
