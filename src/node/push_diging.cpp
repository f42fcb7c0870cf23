#include "kernels/vector_ops.h"
#include "node/protocol.h"
#include "node/protocol_facts.h"
#include "node/push_sum.h"

namespace kith {
namespace {

/// Push-DIGing (Nedić, Olshevsky & Shi, SIAM J. Optim. 2017, arXiv:1607.03218, Algorithm 2):
/// gradient tracking on directed graphs, which reaches the optimum although the nodes' data differ.
/// y follows the mean gradient, and both it and the numerator u are mixed by weights P whose
/// columns sum to one. With x = u / v, v_0 = 1 and y_0 = g(x_0):
///
///     u⁺ = P (u − η y),  v⁺ = P v,  x⁺ = u⁺ / v⁺,  y⁺ = P y + g(x⁺) − g(x)
///
/// In every round the sum of y is that of g, of which both terms are the same stored gradient.
class PushDiging final : public Protocol {
 public:
  using Params = NoParams;

  explicit PushDiging(Params) {}

  bool on_device() const override { return true; }

  Needs needs() const override {
    return {.column_stochastic = true, .one_step = true, .plain_sgd = true};
  }

  std::vector<Channel::Spec> channels() const override {
    return {numerator_spec(), {.name = "tracker"}};
  }

  Task<> run(Node& self) override {
    Channel& numerator = self.channel(0);
    Channel& tracker = self.channel(1);
    gradient_ = Array(self.x().size, self.device());
    co_await self.observe(0);
    for (Round round = 0; round < self.rounds(); ++round) {
      self.begin(round);
      co_await track(self, tracker);
      if (self.trainer().takes_steps()) {
        const ArrayView u = numerator_of(numerator.edit());
        self.step(u, tracker.value(), u);
      }
      co_await numerator.mix();
      co_await tracker.mix();
      set_ratio(self, numerator.value(), weight_of(numerator.value()));
      co_await self.observe(round + 1);
    }
  }

  void walk_state(StateWalker& walker) override { walker.tensor("gradient", gradient_.view()); }

 private:
  /// y ← y + g(x) − g(the x before); in the first round, where both are zero, y ← g(x).
  Task<> track(Node& self, Channel& tracker) {
    const ArrayView y = tracker.edit();
    kernels::subtract(y, gradient_.view(), y);
    co_await self.gradient(gradient_.view());
    kernels::add_scaled(y, 1, gradient_.view(), y);
  }

  Array gradient_;  // of the last round
};

const Register<Protocol, PushDiging> registered{
    "push_diging", "Push-DIGing: gradient tracking by push-sum, where edges go one way",
    ProtocolFacts{
        .recursion = "u⁺ = W (u − η y); v⁺ = W v; x⁺ = u⁺ / v⁺\n"
                     "y⁺ = W y + g(x⁺) − g(x), from y = g(x)",
        .sends = "4·(2·d + 1)·g",
        .keeps = "the numerator u, the tracker y, the last gradient",
        .needs = "columns of W that sum to 1, with edges that may go one way and change; one local "
                 "step; sgd without momentum; a sharing method that loses nothing",
        .fixed_point = "the optimum, for η that is small enough",
        .source = "Nedić, Olshevsky & Shi, SIAM J. Optim. 2017 (arXiv:1607.03218)"}};

}  // namespace
}  // namespace kith
