#include <algorithm>

#include "kernels/vector_ops.h"
#include "node/node.h"
#include "node/protocol.h"
#include "node/protocol_facts.h"

namespace kith {
namespace {

/// NoLoCo (Kolehmainen, Blagoev, Donaghy, Ersoy & Nies, 2025, arXiv:2506.10911): local steps, and an
/// outer step in a small group that is another one every round, in place of DiLoCo's with all. A
/// node keeps slow weights φ; after the local steps θ = φ + u(φ),
///
///     δ ← α δ + β (W θ − W φ) − γ (φ − W φ);  φ⁺ = φ + δ;  the next round starts from φ⁺
///
/// where W averages over the group: of two with random_matching, which is the paper's. The last term
/// draws the members of a group together. θ and φ travel, 2 d numbers.
class Noloco final : public Protocol {
 public:
  struct Params {
    double outer_lr = 0.7;
    double outer_momentum = 0.9;
    std::optional<double> gamma;

    void fields(Fields& f) {
      f.optional("outer_lr", outer_lr, "β, how far φ follows the mean of what local steps moved",
                 Range{.above = 0});
      f.optional("outer_momentum", outer_momentum, "α, what is left of a step in the next",
                 Range{.at_least = 0, .below = 1});
      f.optional("gamma", gamma, "γ, how strongly φ is drawn to the group's; outer_lr, if absent",
                 Range{.at_least = 0});
    }
  };

  explicit Noloco(const Params& params)
      : alpha_(static_cast<float>(params.outer_momentum)),
        beta_(static_cast<float>(params.outer_lr)),
        gamma_(static_cast<float>(params.gamma.value_or(params.outer_lr))) {}

  Needs needs() const override { return {.row_stochastic = true}; }

  std::vector<Channel::Spec> channels() const override { return {{"x"}, {"slow"}}; }

  Task<> run(Node& self) override {
    Channel& slow = self.channel(1);
    std::ranges::copy(self.x(), slow.overwrite().data);
    step_ = Array(self.x().size);
    co_await self.observe(0);
    for (Round round = 0; round < self.rounds(); ++round) {
      self.begin(round);
      const Slot phi = slow.published();
      co_await self.train();
      co_await self.mix();
      co_await slow.mix();
      move(phi->view(), self.x(), slow.edit());
      std::ranges::copy(slow.value(), self.overwrite_x().data);
      co_await self.observe(round + 1);
    }
  }

  void walk_state(StateWalker& walker) override { walker.tensor("step", step_.view()); }

 private:
  /// From φ, W θ and, in `mixed_phi`, W φ to φ⁺ there.
  void move(ConstArrayView phi, ConstArrayView mixed_theta, ArrayView mixed_phi) {
    for (std::size_t i = 0; i < phi.size; ++i) {
      const float mean = mixed_phi.data[i];
      float& step = step_[i];  // δ
      step = alpha_ * step + beta_ * (mixed_theta.data[i] - mean) - gamma_ * (phi.data[i] - mean);
      mixed_phi.data[i] = phi.data[i] + step;
    }
  }

  float alpha_, beta_, gamma_;
  Array step_;  // δ
};

const Register<Protocol, Noloco> registered{
    "noloco", "local steps, and an outer step in small groups that change, as random_matching's",
    ProtocolFacts{
        .recursion = "θ = φ + u(φ); δ⁺ = α δ + β (W θ − W φ) − γ (φ − W φ); x⁺ = φ⁺ = φ + δ⁺",
        .sends = "8·d·g",
        .keeps = "φ and δ",
        .needs = "rows of W that sum to 1; random_matching for the algorithm of the paper",
        .fixed_point = "off the optimum by the order of η times the local steps and of how much the "
                       "nodes' data differ",
        .source = "Kolehmainen et al., 2025 (arXiv:2506.10911)"}};

}  // namespace
}  // namespace kith
