#include "node/node.h"
#include "node/outer_step.h"
#include "node/protocol.h"
#include "node/protocol_facts.h"

namespace kith {
namespace {

/// Several local steps, then an average, then a step of an outer optimizer along what the average
/// is away from where the node began:
///
///     ȳ = W (x + u(x));  Δ = ȳ − x;  m ← μ m + Δ;  x⁺ = x + λ (Δ + μ m)
///
/// with u the inner optimizer's local steps. It keeps its state from round to round, and is never
/// averaged. DiLoCo (Douillard et al., 2023, arXiv:2311.08105) is this where all average with all;
/// on other graphs W y takes the place of the mean. With λ = 1 and μ = 0 it is local SGD (Stich,
/// ICLR 2019, arXiv:1805.09767): x⁺ = W (x + u(x)).
class Diloco : public Protocol {
 public:
  struct Params {
    double outer_lr = 0.7;
    double outer_momentum = 0.9;

    void fields(Fields& f) {
      f.optional("outer_lr", outer_lr, "λ, the outer optimizer's learning rate", Range{.above = 0});
      f.optional("outer_momentum", outer_momentum, "μ of the outer optimizer, Nesterov's",
                 Range{.at_least = 0, .below = 1});
    }
  };

  explicit Diloco(const Params& params)
      : options_{.lr = params.outer_lr,
                 .momentum = params.outer_momentum,
                 .nesterov = params.outer_momentum > 0} {}

  bool on_device() const override { return true; }

  Needs needs() const override { return {.row_stochastic = true}; }

  Task<> run(Node& self) override {
    outer_.emplace(options_, self.x().size, self.device());
    co_await self.observe(0);
    for (Round round = 0; round < self.rounds(); ++round) {
      self.begin(round);
      const Slot x = self.published();
      co_await self.train();
      co_await self.mix();
      const ArrayView mean = self.edit_x();
      outer_->step(x->view(), mean, mean);
      co_await self.observe(round + 1);
    }
  }

  void walk_state(StateWalker& walker) override {
    if (outer_) outer_->walk_state(walker);
  }

 private:
  OuterStep::Options options_;
  std::optional<OuterStep> outer_;
};

class LocalSgd final : public Diloco {
 public:
  using Params = NoParams;

  explicit LocalSgd(Params) : Diloco({.outer_lr = 1, .outer_momentum = 0}) {}
};

const Register<Protocol, Diloco> diloco{
    "diloco", "local steps, an average, and an outer Nesterov step along what it moved",
    ProtocolFacts{.recursion = "ȳ = W (x + u(x)); m⁺ = μ m + ȳ − x; x⁺ = x + λ (ȳ − x + μ m⁺)",
                  .sends = "4·d·g",
                  .keeps = "m, and where the round began",
                  .needs =
                      "rows of W that sum to 1; fully connected nodes for the algorithm of the "
                      "paper",
                  .fixed_point = "that of local SGD on the same graph",
                  .source = "Douillard et al., 2023 (arXiv:2311.08105)"}};

const Register<Protocol, LocalSgd> local_sgd{
    "local_sgd", "local steps and an average: local SGD, on any graph",
    ProtocolFacts{.recursion = "x⁺ = W (x + u(x))",
                  .sends = "4·d·g",
                  .needs = "rows of W that sum to 1",
                  .fixed_point =
                      "off the optimum by the order of η times the local steps and of how "
                      "much the nodes' data differ",
                  .source = "Stich, ICLR 2019 (arXiv:1805.09767)"}};

}  // namespace
}  // namespace kith
