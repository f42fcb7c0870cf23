#include "kernels/vector_ops.h"
#include "node/node.h"
#include "node/protocol_facts.h"

namespace kith {
namespace {

/// Quasi-global momentum, QG-DSGDm and QG-DSGDm-N (Lin, Karimireddy, Stich & Jaggi, ICML 2021,
/// arXiv:2102.04761). Local momentum would pull every node towards its own data for many rounds.
/// Here the buffer m̂ remembers how x really moved, averaging with the neighbors included, which is
/// near what the network did:
///
///     m = β m̂ + g;  x⁺ = W (x − η m), or with Nesterov's W (x − η (g + β m));
///     m̂⁺ = μ m̂ + (1 − μ) (x − x⁺) / η.
class QuasiGlobal final : public Protocol {
 public:
  struct Params {
    float momentum = 0;
    std::optional<float> mu;
    bool nesterov = false;

    void fields(Fields& f) {
      f.required("momentum", momentum, "β, how much of m̂ a step takes along",
                 Range{.at_least = 0, .below = 1});
      f.optional("mu", mu, "μ, how much of m̂ a round keeps; β where it is not given",
                 Range{.at_least = 0, .below = 1});
      f.optional("nesterov", nesterov, "whether the gradient counts once more");
    }
  };

  explicit QuasiGlobal(const Params& params)
      : momentum_(params.momentum),
        mu_(params.mu.value_or(params.momentum)),
        nesterov_(params.nesterov) {}

  bool on_device() const override { return true; }

  Needs needs() const override {
    return {.row_stochastic = true, .one_step = true, .plain_sgd = true};
  }

  Task<> run(Node& self) override {
    quasi_global_ = Array(self.x().size, self.device());
    co_await self.observe(0);
    for (Round round = 0; round < self.rounds(); ++round) {
      self.begin(round);
      const Slot before = self.published();
      const double lr = self.learning_rate();
      co_await adapt(self);
      co_await self.mix();
      if (lr > 0) remember(before->view(), self.x(), lr);
      co_await self.observe(round + 1);
    }
  }

  void walk_state(StateWalker& walker) override {
    walker.tensor("quasi_global_momentum", quasi_global_.view());
  }

 private:
  Task<> adapt(Node& self) {
    const std::shared_ptr<Array> g = self.vector();
    const std::shared_ptr<Array> m = self.vector();
    co_await self.gradient(g->view());
    kernels::add_scaled(g->view(), momentum_, quasi_global_.view(), m->view());
    if (nesterov_) kernels::add_scaled(g->view(), momentum_, m->view(), m->view());
    self.step(m->view());
  }

  /// m̂ ← μ m̂ + (1 − μ) (x − x⁺) / η
  void remember(ConstArrayView x, ConstArrayView next, double lr) {
    const ArrayView m = quasi_global_.view();
    const auto share = static_cast<float>((1 - double{mu_}) / lr);
    kernels::weighted_sum(mu_, m, share, x, m);
    kernels::add_scaled(m, -share, next, m);
  }

  float momentum_;
  float mu_;
  bool nesterov_;
  Array quasi_global_;  // m̂
};

const Register<Protocol, QuasiGlobal> registered{
    "quasi_global", "QG-DSGDm: momentum from how the network moved, not from a node's gradients",
    ProtocolFacts{
        .recursion = "m = β m̂ + g(x)\n"
                     "x⁺ = W (x − η m), or with Nesterov's x⁺ = W (x − η (g(x) + β m))\n"
                     "m̂⁺ = μ m̂ + (1 − μ) (x − x⁺) / η",
        .sends = "4·d·g",
        .keeps = "m̂",
        .needs = "rows of W that sum to 1; one local step of plain sgd",
        .fixed_point = "that of D-PSGD with the same η: momentum adds nothing to the bias",
        .source = "Lin, Karimireddy, Stich & Jaggi, ICML 2021 (arXiv:2102.04761)"}};

}  // namespace
}  // namespace kith
