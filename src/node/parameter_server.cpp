#include "node/protocol.h"
#include "node/protocol_facts.h"
#include "node/server.h"

namespace kith {
namespace {

enum Says : Kind { kGradient = server::kFirstFree, kModel };

class ParameterServer final : public Service {
 public:
  explicit ParameterServer(const Context& context)
      : weights_(server::weights_of(
            std::vector<double>(static_cast<std::size_t>(context.schedule.nodes()), 1.0))) {}

  Task<> run(Node& self) override {
    const std::vector<Uid> all = server::everybody(self);
    co_await server::show(self, 0);
    for (Round round = 0; round < self.rounds(); ++round) {
      self.begin_apart(round);
      if (round == 0) co_await server::hand_out_start(self);
      const std::vector<Message> gradients = co_await self.collect(kGradient, all);
      const std::shared_ptr<Array> mean = self.vector();
      server::add_up(self, gradients, weights_, mean->view());
      self.step(mean->view());
      const Body model = server::model_of(self);
      co_await self.post(kModel, model, all);
      co_await self.observe(round + 1);
    }
  }

 private:
  std::vector<float> weights_;
};

/// Synchronous SGD with a server (Li et al., OSDI 2014): every node sends its gradient at the
/// server's x, the server steps along their mean with the config's optimizer, whose state is its
/// alone, and sends x back,
///
///     x⁺ = x − η (1/n) Σ_i g_i(x),  or what the optimizer makes of that mean.
///
/// It is SGD on the union of all batches where these are equally large. The graph plays no part.
class WithParameterServer final : public Protocol {
 public:
  using Params = NoParams;

  explicit WithParameterServer(Params) {}

  bool on_device() const override { return true; }

  Needs needs() const override {
    return {.one_step = true, .because = "every gradient is taken at the server's model"};
  }
  std::vector<Channel::Spec> channels() const override { return {}; }
  Kind own_kinds(std::int64_t) const override { return server::kKinds; }
  std::string service_name() const override { return "the server"; }
  std::unique_ptr<Service> make_service(const Service::Context& context) const override {
    return std::make_unique<ParameterServer>(context);
  }

  Task<> run(Node& self) override {
    co_await server::look(self, 0);
    for (Round round = 0; round < self.rounds(); ++round) {
      self.begin_apart(round);
      if (round == 0) co_await server::take_start(self);
      const std::shared_ptr<Array> g = self.vector();
      co_await self.gradient(g->view());
      co_await server::to_server(self, kGradient, g);
      const Message model = co_await server::from_server(self, kModel);
      server::become(self, model);
      co_await self.observe(round + 1);
    }
  }
};

const Register<Protocol, WithParameterServer> registered{
    "parameter_server", "nodes send gradients to a server, which steps and sends its model back",
    ProtocolFacts{
        .recursion = "x⁺ = x − η (1/n) Σ_i g_i(x), with the optimizer's state at the server",
        .sends = "4·d",
        .needs = "a server, which lives in one of the processes and sends 4·d to each "
                 "node; one local step a round",
        .fixed_point = "the optimum",
        .source = "Li et al., OSDI 2014"}};

}  // namespace
}  // namespace kith
