#include "core/device_memory.h"
#include "kernels/vector_ops.h"
#include "node/node.h"
#include "node/protocol_facts.h"

namespace kith {
namespace {

/// Exact diffusion (Yuan, Ying, Zhao & Sayed, IEEE TSP 2019, arXiv:1702.05122): adapt, correct,
/// combine. The correction is how far the last combination moved the node away from where it had
/// adapted to:
///
///     ψ⁺ = x + u(x);  φ = ψ⁺ + x − ψ;  x⁺ = W φ,  with ψ₀ = x₀ and u(x) = −η g(x).
///
/// It is D² in other words, and needs of W what D² needs; the paper takes (I + W)/2 for that, which
/// here is for the config to say: {"type": "lazy"}. u may be several local steps.
class ExactDiffusion final : public Protocol {
 public:
  using Params = NoParams;

  explicit ExactDiffusion(Params) {}

  bool on_device() const override { return true; }

  Needs needs() const override {
    return {.doubly_stochastic = true,
            .symmetric = true,
            .static_graph = true,
            .lambda_min_above = -1.0 / 3};
  }

  Task<> run(Node& self) override {
    adapted_ = Array(self.x().size, self.device());
    copy(self.x(), adapted_.view());
    co_await self.observe(0);
    for (Round round = 0; round < self.rounds(); ++round) {
      self.begin(round);
      const std::shared_ptr<Array> correction = self.vector();
      kernels::subtract(self.x(), adapted_.view(), correction->view());
      co_await self.local_update(adapted_.view());
      kernels::add_scaled(adapted_.view(), 1, correction->view(), self.overwrite_x());
      co_await self.mix();
      co_await self.observe(round + 1);
    }
  }

  void walk_state(StateWalker& walker) override { walker.tensor("adapted", adapted_.view()); }

 private:
  Array adapted_;  // ψ
};

const Register<Protocol, ExactDiffusion> registered{
    "exact_diffusion", "exact diffusion: adapt, correct, combine",
    ProtocolFacts{.recursion = "ψ⁺ = x + u(x), ψ_0 = x_0\n"
                               "x⁺ = W (ψ⁺ + x − ψ)",
                  .sends = "4·d·g",
                  .keeps = "ψ",
                  .needs = "a symmetric, doubly stochastic W that stays the same, with all "
                           "eigenvalues above −1/3: {\"type\": \"lazy\", …} of any W is",
                  .fixed_point = "the optimum",
                  .source = "Yuan, Ying, Zhao & Sayed, IEEE TSP 2019 (arXiv:1702.05122)"}};

}  // namespace
}  // namespace kith
