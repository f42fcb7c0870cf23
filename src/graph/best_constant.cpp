#include <algorithm>

#include "graph/analysis.h"

namespace kith {
namespace {

/// The best of all matrices that put one weight on all edges (Xiao & Boyd, "Fast linear iterations
/// for distributed averaging", 2004):
///     W = I − a L,   a = 2 / (l_2 + l_n),
/// L the graph's Laplacian and l_2, l_n its smallest eigenvalue but one and its largest. Then
/// ρ = (l_n − l_2) / (l_n + l_2). W is symmetric and doubly stochastic; what a node with many
/// neighbors keeps for itself may be negative.
class BestConstant final : public Weights {
 public:
  using Params = NoParams;

  explicit BestConstant(Params) {}

  MixingMatrix on(Graph graph) const override {
    require_undirected(graph, "best_constant");
    std::int64_t largest = 0;
    for (Uid node = 0; node < graph.nodes(); ++node) {
      largest = std::max(largest, graph.degree(node));
    }
    const double weight = largest == 0 ? 0 : best(graph, double(2 * largest));
    return stochastic_matrix(std::move(graph), [weight](Uid, Uid) { return weight; });
  }

  double on_complete_graph(std::int64_t nodes) const override { return 1.0 / double(nodes); }

 private:
  /// a. `bound` is at least l_n, so that no eigenvalue of I − L / bound is negative: its spectral
  /// gap is l_2 / bound, and 1 − its smallest eigenvalue l_n / bound.
  static double best(const Graph& graph, double bound) {
    const auto [gap, least] =
        spectrum(stochastic_matrix(graph, [bound](Uid, Uid) { return 1 / bound; }));
    if (gap && least) return 2 / (bound * (*gap + (1 - *least)));
    throw ConfigError(
        "/graph/weights: best_constant needs eigenvalues of the graph, which cannot "
        "be found for these " +
        std::to_string(graph.nodes()) + " nodes; use metropolis_hastings");
  }
};

const Register<Weights, BestConstant> registered{
    "best_constant", "the best of one weight for all edges, I - a L: doubly stochastic"};

}  // namespace
}  // namespace kith
