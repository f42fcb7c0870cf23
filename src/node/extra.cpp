#include "core/device_memory.h"
#include "kernels/vector_ops.h"
#include "node/node.h"
#include "node/protocol_facts.h"

namespace kith {
namespace {

/// EXTRA (Shi, Ling, Wu & Yin, SIAM J. Optim. 2015, arXiv:1404.6264), with W̃ = (I + W)/2 and
/// u(x) = −η g(x):
///
///     x₁ = W x₀ + u₀;  x⁺ = (I + W) x − W̃ x⁻ + u − u⁻,
///
/// where ⁻ is the round before. Kept is one vector, h = W̃ x⁻ + u⁻, which x₀ stands for at first:
///
///     x⁺ = x + W x + u − h;  h⁺ = (x + W x)/2 + u.
///
/// x travels while the gradient at x is computed. Several local steps make one u.
class Extra final : public Protocol {
 public:
  using Params = NoParams;

  explicit Extra(Params) {}

  bool on_device() const override { return true; }

  Needs needs() const override {
    return {
        .doubly_stochastic = true, .symmetric = true, .static_graph = true, .lambda_min_above = -1};
  }

  Task<> run(Node& self) override {
    history_ = Array(self.x().size, self.device());
    copy(self.x(), history_.view());
    co_await self.observe(0);
    for (Round round = 0; round < self.rounds(); ++round) {
      self.begin(round);
      co_await self.say();
      const Slot before = self.published();
      const std::shared_ptr<Array> update = self.vector();
      co_await self.local_update(update->view());
      kernels::subtract(update->view(), before->view(), update->view());  // u
      co_await self.hear();
      advance(self, before->view(), update->view());
      co_await self.observe(round + 1);
    }
  }

  void walk_state(StateWalker& walker) override { walker.tensor("history", history_.view()); }

 private:
  void advance(Node& self, ConstArrayView before, ConstArrayView update) {
    const ArrayView x = self.edit_x();  // W x
    kernels::add_scaled(x, 1, before, x);
    const std::shared_ptr<Array> history = self.vector();
    kernels::add_scaled(update, 0.5f, x, history->view());
    kernels::subtract(update, history_.view(), history_.view());
    kernels::add_scaled(x, 1, history_.view(), x);
    copy(history->view(), history_.view());
  }

  Array history_;  // h
};

const Register<Protocol, Extra> registered{
    "extra", "EXTRA: D-PSGD with the mistakes of the last round taken back",
    ProtocolFacts{.recursion =
                      "x_1 = W x_0 + u(x_0)\n"
                      "x⁺ = (I + W) x − (I + W)/2 x⁻ + u(x) − u(x⁻), x⁻ of the round before",
                  .sends = "4·d·g",
                  .keeps = "h = (I + W)/2 x⁻ + u(x⁻)",
                  .needs = "a symmetric, doubly stochastic W that stays the same, with all "
                           "eigenvalues above −1",
                  .fixed_point = "the optimum",
                  .source = "Shi, Ling, Wu & Yin, SIAM J. Optim. 2015 (arXiv:1404.6264)"}};

}  // namespace
}  // namespace kith
