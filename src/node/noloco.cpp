#include "core/device_memory.h"
#include "kernels/mix.h"
#include "kernels/parts.h"
#include "kernels/vector_ops.h"
#include "node/node.h"
#include "node/protocol.h"
#include "node/protocol_facts.h"

namespace kith {
namespace {

/// NoLoCo (Kolehmainen, Blagoev, Donaghy, Ersoy & Nies, 2025, arXiv:2506.10911): local steps, and
/// an outer step in a small group that is another one every round, in place of DiLoCo's with all. A
/// node keeps slow weights φ; after the local steps θ = φ + u(φ),
///
///     δ ← α δ + β (W θ − W φ) − γ (φ − W φ);  φ⁺ = φ + δ;  the next round starts from φ⁺
///
/// where W averages over the group: of two with random_matching, which is the paper's. The last
/// term draws the members of a group together. θ and φ travel, 2 d numbers.
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

  bool on_device() const override { return true; }

  Needs needs() const override { return {.row_stochastic = true}; }

  std::vector<Channel::Spec> channels() const override { return {{"x"}, {"slow"}}; }

  Task<> run(Node& self) override {
    Channel& slow = self.channel(1);
    copy(self.x(), slow.overwrite());
    step_ = Array(self.x().size, self.device());
    co_await self.observe(0);
    for (Round round = 0; round < self.rounds(); ++round) {
      self.begin(round);
      const Slot phi = slow.published();
      co_await self.train();
      co_await self.mix();
      co_await slow.mix();
      move(phi->view(), self.edit_x(), slow.edit());
      co_await self.observe(round + 1);
    }
  }

  void walk_state(StateWalker& walker) override { walker.tensor("step", step_.view()); }

 private:
  /// x and `slow`, which hold W θ and W φ, ← φ⁺.
  void move(ConstArrayView phi, ArrayView x, ArrayView slow) {
    kernels::for_parts(x.size, x.device, [&](std::size_t offset, std::size_t size) {
      const ConstArrayView before = phi.part(offset, size);
      const ArrayView theta = x.part(offset, size), mean = slow.part(offset, size);
      const ArrayView step = step_.view().part(offset, size);  // δ
      kernels::subtract(theta, mean, theta);
      kernels::subtract(before, mean, mean);
      const kernels::Term terms[] = {{beta_, theta}, {-gamma_, mean}};
      kernels::mix(alpha_, step, terms, step);
      kernels::add_scaled(before, 1, step, mean);
      copy(mean, theta);
    });
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
        .fixed_point =
            "off the optimum by the order of η times the local steps and of how much the "
            "nodes' data differ",
        .source = "Kolehmainen et al., 2025 (arXiv:2506.10911)"}};

}  // namespace
}  // namespace kith
