#include "graph/weights.h"

namespace kith {
namespace {

/// A node deals its mass out evenly to itself and whoever hears it:
///     p_ij = 1 / (1 + outdeg_j).
/// Columns sum to one on every graph, directed ones too, so that the network's sum is kept, which
/// push-sum needs; rows do only where all degrees are equal.
class ColumnStochastic final : public Weights {
 public:
  using Params = NoParams;

  explicit ColumnStochastic(Params) {}

  MixingMatrix on(Graph graph) const override {
    MixingMatrix w{std::move(graph), {}, {}};
    const auto nodes = static_cast<Uid>(w.graph.nodes());
    for (Uid j = 0; j < nodes; ++j) {
      w.self_weights.push_back(1.0 / double(1 + w.graph.receivers(j).size()));
    }
    w.weights.reserve(w.graph.row_begin(nodes));
    for (Uid i = 0; i < nodes; ++i) {
      for (const Uid j : w.graph.senders(i)) w.weights.push_back(w.self_weights[std::size_t(j)]);
    }
    return w;
  }

  double on_complete_graph(std::int64_t nodes) const override { return 1.0 / double(nodes); }
};

const Register<Weights, ColumnStochastic> registered{
    "column_stochastic", "1 / (1 + how many hear the sender): column-stochastic, for push-sum"};

}  // namespace
}  // namespace kith
