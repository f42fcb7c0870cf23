#include "graph/weights.h"

namespace kith {
namespace {

/// A node takes the plain mean of itself and whom it hears:
///     w_ij = 1 / (1 + d_i), d_i the number of i's senders.
/// Row-stochastic on every graph, directed ones too; doubly stochastic only where all degrees are
/// equal, so that elsewhere the mean of the network moves.
class NeighborhoodMean final : public Weights {
 public:
  using Params = NoParams;

  explicit NeighborhoodMean(Params) {}

  MixingMatrix on(Graph graph) const override {
    std::vector<double> means;
    for (Uid node = 0; node < graph.nodes(); ++node) {
      means.push_back(1.0 / double(1 + graph.degree(node)));
    }
    return stochastic_matrix(std::move(graph),
                             [&means](Uid i, Uid) { return means[std::size_t(i)]; });
  }

  double on_complete_graph(std::int64_t nodes) const override { return 1.0 / double(nodes); }
};

const Register<Weights, NeighborhoodMean> registered{
    "neighborhood_mean", "1 / (1 + the receiver's degree): row-stochastic only"};

}  // namespace
}  // namespace kith
