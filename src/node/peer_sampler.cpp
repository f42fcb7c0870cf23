#include "node/peer_service.h"
#include "node/protocol.h"
#include "node/protocol_facts.h"

namespace kith {
namespace {

/// D-PSGD whose nodes know no graph: a peer sampler tells each, as a round begins, to whom it
/// sends, whom it hears and what they weigh, as decentralizepy's PeerSampler does, and
/// PeerSamplerDynamic where the graph changes from round to round. The run is that of dpsgd on the
/// same graph bit for bit.
///
///     x⁺ = W_t (x + u(x))
class WithPeerSampler final : public Protocol {
 public:
  using Params = NoParams;

  explicit WithPeerSampler(Params) {}

  bool on_device() const override { return true; }

  Needs needs() const override { return {.row_stochastic = true}; }
  Kind own_kinds(std::int64_t) const override { return 1; }
  std::string service_name() const override { return "the peer sampler"; }
  std::unique_ptr<Service> make_service(const Service::Context& context) const override {
    return std::make_unique<PeerService>(context, 0);
  }

  Task<> run(Node& self) override {
    co_await self.observe(0);
    for (Round round = 0; round < self.rounds(); ++round) {
      co_await PeerService::begin(self, round, 0, self.graph_changes());
      co_await self.train();
      co_await self.mix();
      co_await self.observe(round + 1);
    }
  }
};

const Register<Protocol, WithPeerSampler> registered{
    "peer_sampler", "D-PSGD with neighbors that a peer sampler names, once or in every round",
    ProtocolFacts{.recursion = "x⁺ = W_t (x + u(x)), W_t known to the peer sampler alone",
                  .sends = "4·d·g",
                  .needs =
                      "a peer sampler, which lives in one of the processes and sends each node "
                      "12 bytes for each neighbor it hears, 4 for each that hears it, and 12; "
                      "rows of W that sum to 1",
                  .fixed_point = "that of dpsgd",
                  .source = "Dhasade et al., EuroMLSys 2023 (arXiv:2304.08322)"}};

}  // namespace
}  // namespace kith
