#include "node/node.h"
#include "node/protocol.h"
#include "node/protocol_facts.h"

namespace kith {
namespace {

/// Every node trains on its own data alone, x⁺ = x + u(x), and says nothing: what communication is
/// held against. The graph does not matter.
class Local final : public Protocol {
 public:
  using Params = NoParams;

  explicit Local(Params) {}

  bool on_device() const override { return true; }

  Needs needs() const override { return {}; }

  std::vector<Channel::Spec> channels() const override { return {}; }

  Task<> run(Node& self) override {
    co_await self.observe(0);
    for (Round round = 0; round < self.rounds(); ++round) {
      self.begin(round);
      co_await self.train();
      co_await self.observe(round + 1);
    }
  }
};

const Register<Protocol, Local> registered{
    "local", "every node trains alone and says nothing: a baseline",
    ProtocolFacts{.recursion = "x⁺ = x + u(x)",
                  .sends = "0",
                  .needs = "nothing",
                  .fixed_point = "the optimum of each node's own data",
                  .source = "none: a baseline"}};

}  // namespace
}  // namespace kith
