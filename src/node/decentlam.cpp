#include "kernels/vector_ops.h"
#include "node/node.h"
#include "node/protocol_facts.h"

namespace kith {
namespace {

/// DecentLaM (Yuan, Chen, Huang, Zhang, Pan, Xu & Yin, ICCV 2021, arXiv:2104.11981). Momentum over
/// local gradients multiplies the bias that different data cause; momentum over everything that
/// moves x, averaging included, does not:
///
///     g̃ = (x − W (x − η g)) / η;  m⁺ = β m + g̃;  x⁺ = x − η m⁺.
///
/// Computed is x⁺ = W (x − η g) − η β m, which is the same and rounds less.
class DecentLam final : public Protocol {
 public:
  struct Params {
    float momentum = 0;

    void fields(Fields& f) {
      f.required("momentum", momentum, "β, how much of the last direction is kept",
                 Range{.at_least = 0, .below = 1});
    }
  };

  explicit DecentLam(const Params& params) : momentum_(params.momentum) {}

  bool on_device() const override { return true; }

  Needs needs() const override {
    return {.row_stochastic = true, .one_step = true, .plain_sgd = true};
  }

  Task<> run(Node& self) override {
    direction_ = Array(self.x().size, self.device());
    co_await self.observe(0);
    for (Round round = 0; round < self.rounds(); ++round) {
      self.begin(round);
      const Slot before = self.published();
      const double lr = self.learning_rate();
      {
        const std::shared_ptr<Array> g = self.vector();
        co_await self.gradient(g->view());
        self.step(g->view());
      }
      co_await self.mix();
      if (lr > 0) advance(self, before->view(), static_cast<float>(lr));
      co_await self.observe(round + 1);
    }
  }

  void walk_state(StateWalker& walker) override { walker.tensor("momentum", direction_.view()); }

 private:
  void advance(Node& self, ConstArrayView before, float lr) {
    const ArrayView m = direction_.view();
    const std::shared_ptr<Array> pull = self.vector();  // η g̃
    kernels::subtract(before, self.x(), pull->view());
    const ArrayView x = self.edit_x();
    kernels::add_scaled(x, -lr * momentum_, m, x);
    kernels::weighted_sum(momentum_, m, 1 / lr, pull->view(), m);
  }

  float momentum_;
  Array direction_;  // m
};

const Register<Protocol, DecentLam> registered{
    "decentlam", "DecentLaM: momentum over the step and the averaging together",
    ProtocolFacts{
        .recursion = "g̃ = (x − W (x − η g(x))) / η\n"
                     "m⁺ = β m + g̃; x⁺ = x − η m⁺",
        .sends = "4·d·g",
        .keeps = "m",
        .needs = "rows of W that sum to 1; one local step of plain sgd",
        .fixed_point = "that of D-PSGD with the same η: momentum adds nothing to the bias",
        .source = "Yuan et al., ICCV 2021 (arXiv:2104.11981)"}};

}  // namespace
}  // namespace kith
