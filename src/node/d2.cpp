#include "kernels/vector_ops.h"
#include "node/node.h"
#include "node/protocol_facts.h"

namespace kith {
namespace {

/// D² (Tang, Lian, Yan, Zhang & Liu, ICML 2018, arXiv:1803.07068): a node corrects its step by what
/// mixing and the step did to x in the last round, and with that the differences between the nodes'
/// data cancel. With u(x) = −η g(x), x₁ = W (x₀ + u₀) and
///
///     x⁺ = W (2x − x⁻ + u − u⁻),
///
/// where ⁻ is the round before. Kept is one vector, c = x − x⁻ − u⁻, zero at first:
///
///     y = x + u(x);  x⁺ = W (y + c);  c⁺ = x⁺ − y.
///
/// In this form u may be what several local steps or any optimizer add to x, and η may change,
/// since it is steps that are remembered. Mixing must not overshoot: with an eigenvalue of W at or
/// below −1/3 the recursion grows without bound. And it never forgets: what rounding adds to the
/// network's mean in one round it adds in all later ones, so that in float32 the mean of the
/// gradients ends at some 1e-8 / η times the number of rounds instead of zero.
class D2 final : public Protocol {
 public:
  using Params = NoParams;

  explicit D2(Params) {}

  bool on_device() const override { return true; }

  Needs needs() const override {
    return {.doubly_stochastic = true,
            .symmetric = true,
            .static_graph = true,
            .lambda_min_above = -1.0 / 3};
  }

  Task<> run(Node& self) override {
    correction_ = Array(self.x().size, self.device());
    co_await self.observe(0);
    for (Round round = 0; round < self.rounds(); ++round) {
      self.begin(round);
      const std::shared_ptr<Array> y = self.vector();
      co_await self.local_update(y->view());
      kernels::add_scaled(y->view(), 1, correction_.view(), self.overwrite_x());
      co_await self.mix();
      kernels::subtract(self.x(), y->view(), correction_.view());
      co_await self.observe(round + 1);
    }
  }

  void walk_state(StateWalker& walker) override { walker.tensor("correction", correction_.view()); }

 private:
  Array correction_;  // c
};

const Register<Protocol, D2> registered{
    "d2", "D²: a step corrected by the last one, whatever the nodes' data",
    ProtocolFacts{.recursion = "x_1 = W (x_0 + u(x_0))\n"
                               "x⁺ = W (2 x − x⁻ + u(x) − u(x⁻)), x⁻ of the round before",
                  .sends = "4·d·g",
                  .keeps = "c = x − x⁻ − u(x⁻)",
                  .needs = "a symmetric, doubly stochastic W that stays the same, with all "
                           "eigenvalues above −1/3: {\"type\": \"lazy\", …} of any W is",
                  .fixed_point = "the optimum",
                  .source = "Tang et al., ICML 2018 (arXiv:1803.07068)"}};

}  // namespace
}  // namespace kith
