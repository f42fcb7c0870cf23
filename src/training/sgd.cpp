#include "kernels/optimizer_step.h"
#include "training/optimizer.h"

namespace kith {
namespace {

/// Stochastic gradient descent with momentum, as torch.optim.SGD, bit by bit:
/// m ← momentum · m + g,  x ← x − lr · m; with Nesterov's x ← x − lr · (g + momentum · m).
class Sgd final : public Optimizer {
 public:
  struct Params {
    std::optional<double> lr;
    float momentum = 0;
    bool nesterov = false;
    float weight_decay = 0;

    void fields(Fields& f) {
      f.optional("lr", lr, "learning rate; needed where local steps are taken",
                 Range{.at_least = 0});
      f.optional("momentum", momentum, "how much of the last direction is kept",
                 Range{.at_least = 0, .below = 1});
      f.optional("nesterov", nesterov, "whether the gradient counts once more");
      f.check(!nesterov || momentum > 0, "nesterov", "needs a \"momentum\" above 0");
      f.optional("weight_decay", weight_decay, "λ: the gradient of λ/2 ‖x‖² is added",
                 Range{.at_least = 0});
    }
  };

  explicit Sgd(const Params& params) : Optimizer(params.lr), params_(params) {}

  std::vector<std::string> state() const override {
    if (params_.momentum == 0) return {};
    return {"momentum"};
  }

  void step(const Step& step, ConstArrayView x, ConstArrayView g, std::span<const ArrayView> state,
            ArrayView out) const override {
    const auto lr = static_cast<float>(step.lr);
    if (params_.momentum == 0) {
      kernels::sgd_step({lr, params_.weight_decay}, x, g, out);
    } else {
      kernels::momentum_step({lr, params_.momentum, params_.weight_decay, params_.nesterov}, x, g,
                             state[0], out);
    }
  }

 private:
  Params params_;
};

const Register<Optimizer, Sgd> registered{"sgd", "stochastic gradient descent, with momentum"};

}  // namespace
}  // namespace kith
