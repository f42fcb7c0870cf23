#include "graph/weights.h"

namespace kith {
namespace {

/// Goes only a part γ of the way that other weights W go:
///     (1 − γ) I + γ W.
/// An eigenvalue λ becomes 1 − γ (1 − λ); with γ = ½ none is negative.
class Lazy final : public Weights {
 public:
  struct Params {
    Blueprint<Weights> of = Weights::registry().standard("metropolis_hastings");
    double gamma = 0.5;

    void fields(Fields& f) {
      f.optional("of", of, "the weights W that are slowed down");
      f.optional("gamma", gamma, "γ, the part of the way", Range{.above = 0, .at_most = 1});
    }
  };

  explicit Lazy(const Params& params) : of_(params.of.make()), gamma_(params.gamma) {}

  MixingMatrix on(Graph graph) const override {
    MixingMatrix w = of_->on(std::move(graph));
    for (double& weight : w.weights) weight *= gamma_;
    for (double& weight : w.self_weights) weight = (1 - gamma_) + gamma_ * weight;
    return w;
  }

  double on_complete_graph(std::int64_t nodes) const override {
    return gamma_ * of_->on_complete_graph(nodes);
  }

 private:
  std::unique_ptr<Weights> of_;
  double gamma_;
};

const Register<Weights, Lazy> registered{"lazy", "(1 - gamma) I + gamma W, for other weights W"};

}  // namespace
}  // namespace kith
