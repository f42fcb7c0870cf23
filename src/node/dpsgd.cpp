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
/// The theory is about doubly stochastic W. Rows that sum to one are enough for nodes to agree, as in
/// epidemic learning and under plain means, though on a mean in which some count more.
class Dpsgd final : public Protocol {
 public:
  struct Params {
    std::string order = "adapt_then_combine";

    void fields(Fields& f) {
      f.optional("order", order, "what comes first, training or mixing",
                 Choices{{"adapt_then_combine", "combine_then_adapt", "combine_while_adapt", "atc",
                          "cta", "awc"}});
    }
  };

  explicit Dpsgd(const Params& params)
      : train_first_(params.order == "adapt_then_combine" || params.order == "atc"),
        mix_first_(params.order == "combine_then_adapt" || params.order == "cta") {}

  Needs needs() const override { return {.row_stochastic = true}; }

  Task<> run(Node& self) override {
    co_await self.observe(0);
    for (Round round = 0; round < self.rounds(); ++round) {
      self.begin(round);
      if (train_first_) {
        co_await self.train();
        co_await self.mix();
      } else if (mix_first_) {
        co_await self.mix();
        co_await self.train();
      } else {
        co_await mix_while_training(self);
      }
      co_await self.observe(round + 1);
    }
  }

 private:
  static Task<> mix_while_training(Node& self) {
    co_await self.say();
    const std::shared_ptr<Array> result = self.vector();
    if (self.local_steps() == 1) {
      co_await self.gradient(result->view());
      co_await self.hear();
      self.step(result->view());
      co_return;
    }
    const std::shared_ptr<const Array> before = self.published();
    co_await self.local_update(result->view());
    co_await self.hear();
    self.add_difference(*result, before->view());
  }

  bool train_first_;
  bool mix_first_;
};

const Register<Protocol, Dpsgd> registered{
    "dpsgd", "D-PSGD: local steps, and averaging with the neighbors, every round",
    ProtocolFacts{
        .recursion = "adapt_then_combine: x⁺ = W (x + u(x))\n"
                     "combine_then_adapt: y = W x; x⁺ = y + u(y)\n"
                     "combine_while_adapt: x⁺ = W x + u(x)",
        .sends = "4·d·g",
        .needs = "rows of W that sum to 1; a doubly stochastic W for the mean of all models to move "
                 "by the mean update alone",
        .fixed_point = "off the optimum by the order of η and of how much the nodes' data differ; "
                       "0 for fully connected nodes that adapt, then combine",
        .source = "Lian et al., NeurIPS 2017 (arXiv:1705.09056)"}};

}  // namespace
}  // namespace kith
