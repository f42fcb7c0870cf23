#include "node/last_gradient.h"
#include "node/protocol_facts.h"

namespace kith {
namespace {

/// Gradient tracking: every node follows an estimate y of the whole network's gradient, and keeps
/// it up to date with how its own gradient changes. The nodes end at the optimum of the mean of all
/// their losses, however much these differ. With y_0 = g_0 and g the gradient at x,
///
///     diging    x⁺ = W x − η y;    y⁺ = W y + g(x⁺) − g(x)
///     semi_atc  x⁺ = W (x − η y);  y⁺ = W y + g(x⁺) − g(x)
///     atc       x⁺ = W (x − η y);  y⁺ = W (y + g(x⁺) − g(x))
///
/// DIGing: Nedić, Olshevsky & Shi, SIAM J. Optim. 2017, arXiv:1607.03218. ATC: Xu, Zhu, Soh & Xie,
/// CDC 2015 (Aug-DGM). W may change from round to round.
///
/// On a static symmetric W, DIGing is stable for η < (1 + λ_n)² / (2 L) only, with λ_n the least
/// eigenvalue and L the largest curvature: mixing before the step leaves it little room.
///
/// In every round the mean of all y is the mean of all g: mixing keeps it, and the change adds the
/// same to both. It would be off for ever if y began at zero.
class GradientTracking final : public Protocol {
 public:
  struct Params {
    std::string variant = "diging";

    void fields(Fields& f) {
      f.optional("variant", variant, "which of the two steps are taken before mixing",
                 Choices{{"diging", "semi_atc", "atc"}});
    }
  };

  explicit GradientTracking(const Params& params)
      : mixes_steps_(params.variant != "diging"), mixes_changes_(params.variant == "atc") {}

  bool on_device() const override { return true; }

  Needs needs() const override {
    return {.doubly_stochastic = true, .one_step = true, .plain_sgd = true};
  }

  std::vector<Channel::Spec> channels() const override {
    return {{.name = "x"}, {.name = "tracker"}};
  }

  Task<> run(Node& self) override {
    Channel& y = self.channel(1);
    co_await self.observe(0);
    for (Round round = 0; round < self.rounds(); ++round) {
      self.begin(round);
      if (round == 0) co_await gradient_.start(self, y);

      if (mixes_steps_) self.step(y.value());
      co_await self.say();
      if (!mixes_changes_) co_await y.say();  // on its way together with x
      co_await self.hear();
      if (!mixes_steps_) self.step(y.value());

      if (mixes_changes_) {
        co_await gradient_.add_change(self, y);
        co_await y.mix();
      } else {
        co_await y.hear();
        co_await gradient_.add_change(self, y);
      }
      co_await self.observe(round + 1);
    }
  }

  void walk_state(StateWalker& walker) override { gradient_.walk_state(walker); }

 private:
  bool mixes_steps_;
  bool mixes_changes_;
  LastGradient gradient_;  // g
};

const Register<Protocol, GradientTracking> registered{
    "gradient_tracking", "gradient tracking: every node follows an estimate of the mean gradient",
    ProtocolFacts{
        .recursion = "y_0 = g(x_0)\n"
                     "diging: x⁺ = W x − η y; y⁺ = W y + g(x⁺) − g(x)\n"
                     "semi_atc: x⁺ = W (x − η y); y⁺ = W y + g(x⁺) − g(x)\n"
                     "atc: x⁺ = W (x − η y); y⁺ = W (y + g(x⁺) − g(x))",
        .sends = "8·d·g",
        .keeps = "y and the last gradient",
        .needs = "a doubly stochastic W, which may change; one local step of plain sgd; for diging "
                 "η < (1 + λ_n)² / (2 L)",
        .fixed_point = "the optimum",
        .source = "Nedić, Olshevsky & Shi, SIAM J. Optim. 2017 (arXiv:1607.03218)"}};

}  // namespace
}  // namespace kith
