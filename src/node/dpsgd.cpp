#include "kernels/vector_ops.h"
#include "node/node.h"
#include "node/protocol.h"
#include "node/protocol_facts.h"

namespace kith {
namespace {

/// Decentralized parallel SGD (Lian et al., NeurIPS 2017, arXiv:1705.09056). Every round a node
/// takes its local steps and averages with its neighbors; `order` says which of the three common
/// readings is meant, with u the local update:
///
///     adapt_then_combine   x⁺ = W (x + u(x))          decentralizepy, and most code
///     combine_then_adapt   y = W x;  x⁺ = y + u(y)
///     combine_while_adapt  x⁺ = W x + u(x)            Lian et al., Decent-DP: x travels meanwhile
///
/// With several local steps the last one adds to W x what they moved x by.
///
/// With gossip.steps mixing is repeated, which brings nodes nearer together for that many times the
/// bytes; "chebyshev" combines the results so that k steps do what without it some k / √(1 − ρ) do
/// (Arioli & Scott, Linear Algebra Appl. 2014; Scaman et al., ICML 2017, arXiv:1702.08704):
///
///     x_1 = W x_0;  x_{k+1} = ω_{k+1} W x_k + (1 − ω_{k+1}) x_{k−1},
///     ω_1 = 2,  ω_{k+1} = 1 / (1 − ρ² ω_k / 4),  ρ = ‖W − J‖₂.
///
/// The theory is about doubly stochastic W. Rows that sum to one are enough for nodes to agree, as
/// in epidemic learning and under plain means, though on a mean in which some count more.
class Dpsgd final : public Protocol {
 public:
  /// What it takes to mix once.
  struct Gossip {
    int steps = 1;
    std::string acceleration = "none";

    void fields(Fields& f) {
      f.optional("steps", steps, "how often a round averages",
                 Range{.at_least = 1, .at_most = 100});
      f.optional("acceleration", acceleration, "how the steps of a round are combined",
                 Choices{{"none", "chebyshev"}});
      f.check(acceleration == "none" || steps > 1, "acceleration",
              "combines several steps; set \"steps\" above 1");
    }
  };

  struct Params {
    std::string order = "adapt_then_combine";
    Gossip gossip;

    void fields(Fields& f) {
      f.optional("order", order, "what comes first, training or mixing",
                 Choices{{"adapt_then_combine", "combine_then_adapt", "combine_while_adapt", "atc",
                          "cta", "awc"}});
      f.optional("gossip", gossip, "how a round averages");
    }
  };

  explicit Dpsgd(const Params& params)
      : train_first_(params.order == "adapt_then_combine" || params.order == "atc"),
        mix_first_(params.order == "combine_then_adapt" || params.order == "cta"),
        gossip_steps_(params.gossip.steps),
        accelerated_(params.gossip.acceleration == "chebyshev") {}

  bool on_device() const override { return true; }

  Needs needs() const override {
    if (!accelerated_) return {.row_stochastic = true};
    return {.row_stochastic = true,
            .full_sharing = true,
            .mixing_rate = true,
            .because = "its accelerated gossip is a polynomial of W"};
  }

  std::vector<Channel::Spec> channels() const override {
    return {{.name = "x", .mixes = gossip_steps_}};
  }

  Task<> run(Node& self) override {
    co_await self.observe(0);
    for (Round round = 0; round < self.rounds(); ++round) {
      self.begin(round);
      if (train_first_) {
        co_await self.train();
        co_await mix(self);
      } else if (mix_first_) {
        co_await mix(self);
        co_await self.train();
      } else {
        co_await mix_while_training(self);
      }
      co_await self.observe(round + 1);
    }
  }

 private:
  Task<> mix(Node& self) {
    co_await self.say();
    co_await hear(self);
  }

  /// Hears what was said, and goes on mixing for as many steps as a round has.
  Task<> hear(Node& self) {
    if (gossip_steps_ == 1) {
      co_await self.hear();
      co_return;
    }
    Slot last = self.published();  // x_{k−1}
    co_await self.hear();
    double omega = 2;
    for (int step = 1; step < gossip_steps_; ++step) {
      const Slot now = self.published();
      co_await self.mix();
      if (accelerated_) {
        const double rho = self.mixing_rate();
        omega = 1 / (1 - rho * rho * omega / 4);
        const auto weight = static_cast<float>(omega);  // 1 − it is exact: the mean stays
        const ArrayView x = self.edit_x();
        kernels::weighted_sum(weight, x, 1 - weight, last->view(), x);
      }
      last = now;
    }
  }

  Task<> mix_while_training(Node& self) {
    co_await self.say();
    const std::shared_ptr<Array> result = self.vector();
    if (self.local_steps() == 1) {
      co_await self.gradient(result->view());
      co_await hear(self);
      self.step(result->view());
      co_return;
    }
    const std::shared_ptr<const Array> before = self.published();
    co_await self.local_update(result->view());
    co_await hear(self);
    self.add_difference(*result, before->view());
  }

  bool train_first_;
  bool mix_first_;
  int gossip_steps_;
  bool accelerated_;
};

const Register<Protocol, Dpsgd> registered{
    "dpsgd", "D-PSGD: local steps, and averaging with the neighbors, every round",
    ProtocolFacts{
        .recursion =
            "adapt_then_combine: x⁺ = W (x + u(x))\n"
            "combine_then_adapt: y = W x; x⁺ = y + u(y)\n"
            "combine_while_adapt: x⁺ = W x + u(x)\n"
            "gossip.steps k: a polynomial of W of degree k in place of W, and k·4·d·g bytes",
        .sends = "4·d·g",
        .needs =
            "rows of W that sum to 1; a doubly stochastic W for the mean of all models to move "
            "by the mean update alone",
        .fixed_point = "off the optimum by the order of η and of how much the nodes' data differ; "
                       "0 for fully connected nodes that adapt, then combine",
        .source = "Lian et al., NeurIPS 2017 (arXiv:1705.09056)"}};

}  // namespace
}  // namespace kith
