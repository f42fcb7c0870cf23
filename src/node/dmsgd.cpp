#include "kernels/vector_ops.h"
#include "node/node.h"
#include "node/protocol_facts.h"

namespace kith {
namespace {

/// Decentralized momentum SGD in which the momentum travels, too, so that all nodes go on in nearly
/// one direction (Yu, Jin & Yang, ICML 2019, arXiv:1905.03817). Two orders are in use:
///
///     old_momentum  x⁺ = W (x − η m);   m⁺ = W (β m + g)
///     new_momentum  x⁺ = W (x − η m'),  m' = β m + g;   m⁺ = W m'
class Dmsgd final : public Protocol {
 public:
  struct Params {
    float momentum = 0;
    std::string order = "new_momentum";

    void fields(Fields& f) {
      f.required("momentum", momentum, "β, how much of the last direction is kept",
                 Range{.at_least = 0, .below = 1});
      f.optional("order", order,
                 "which momentum a step is taken along, before or after the gradient",
                 Choices{{"old_momentum", "new_momentum"}});
    }
  };

  explicit Dmsgd(const Params& params)
      : momentum_(params.momentum), steps_first_(params.order == "old_momentum") {}

  bool on_device() const override { return true; }

  Needs needs() const override {
    return {.row_stochastic = true, .one_step = true, .plain_sgd = true};
  }

  std::vector<Channel::Spec> channels() const override {
    return {{.name = "x"}, {.name = "momentum"}};
  }

  Task<> run(Node& self) override {
    Channel& m = self.channel(1);
    co_await self.observe(0);
    for (Round round = 0; round < self.rounds(); ++round) {
      self.begin(round);
      {
        const std::shared_ptr<Array> g = self.vector();
        co_await self.gradient(g->view());
        if (steps_first_) self.step(m.value());
        const ArrayView direction = m.edit();
        kernels::add_scaled(g->view(), momentum_, direction, direction);
        if (!steps_first_) self.step(m.value());
      }
      co_await self.say();
      co_await m.say();
      co_await self.hear();
      co_await m.hear();
      co_await self.observe(round + 1);
    }
  }

 private:
  float momentum_;
  bool steps_first_;
};

const Register<Protocol, Dmsgd> registered{
    "dmsgd", "DmSGD: the momentum travels with the model",
    ProtocolFacts{.recursion = "old_momentum: x⁺ = W (x − η m); m⁺ = W (β m + g(x))\n"
                               "new_momentum: m' = β m + g(x); x⁺ = W (x − η m'); m⁺ = W m'",
                  .sends = "8·d·g",
                  .keeps = "m",
                  .needs = "rows of W that sum to 1; one local step of plain sgd",
                  .fixed_point = "off the optimum, by more than D-PSGD with the same η",
                  .source = "Yu, Jin & Yang, ICML 2019 (arXiv:1905.03817)"}};

}  // namespace
}  // namespace kith
