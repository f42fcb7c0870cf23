#include <numeric>

#include "kernels/mix.h"
#include "node/equal_shares.h"
#include "node/node.h"
#include "node/protocol.h"
#include "node/protocol_facts.h"

namespace kith {
namespace {

/// One model and all data: mini-batch SGD as if the partitions lay in one place, which is what
/// decentralized training is held against at equal numbers of samples. A step's batch is made of
/// the next batch of every node's partition, the same that other protocols would draw:
///
///     x⁺ = x − η (1/n) Σ_i g_i(x)
///
/// with the run's optimizer. The nodes compute its parts next to each other, and each shows the one
/// model; how the parts come together is no traffic of the experiment, and is not counted. A node
/// without data counts with gradient zero, as on a complete graph. The graph does not matter.
class Centralized final : public Protocol {
 public:
  using Params = NoParams;

  explicit Centralized(Params) {}

  bool on_device() const override { return true; }

  Needs needs() const override {
    return {.equal_start = true, .one_step = true, .because = "there is one model"};
  }

  std::vector<Channel::Spec> channels() const override { return {}; }

  Kind own_kinds(std::int64_t) const override { return 2; }

  Task<> run(Node& self) override {
    others_.resize(static_cast<std::size_t>(self.nodes() - 1));
    std::iota(others_.begin(), others_.end(), 1);
    co_await self.observe(0);
    for (Round round = 0; round < self.rounds(); ++round) {
      self.begin(round);
      if (self.trainer().takes_steps()) {
        const std::shared_ptr<Array> g = self.vector();
        co_await self.gradient(g->view());
        const Body mean = co_await mean_of_all(self, g);
        self.step(mean.floats());
      }
      co_await self.observe(round + 1);
    }
  }

 private:
  static constexpr Kind kGradient = 0, kMean = 1;
  static constexpr bool kUncounted = false;

  Task<Body> mean_of_all(Node& self, std::shared_ptr<Array> g) {
    if (self.uid() != 0) {
      co_await self.post(kGradient, Body(Slot(g)), std::span(&kCenter, 1), kUncounted);
      const std::vector<Message> heard =
          co_await self.collect(kMean, std::span(&kCenter, 1), kUncounted);
      require_size(heard.front(), g->size());
      co_return heard.front().body;
    }
    const std::vector<Message> heard = co_await self.collect(kGradient, others_, kUncounted);
    const EqualShares share(self.nodes());
    std::vector<kernels::Term> terms;
    for (const Message& message : heard) {
      require_size(message, g->size());
      terms.push_back({share.each, message.body.floats()});
    }
    kernels::mix(share.own, g->view(), terms, g->view());
    const Body mean((Slot(g)));
    co_await self.post(kMean, mean, others_, kUncounted);
    co_return mean;
  }

  static void require_size(const Message& message, std::size_t size) {
    const std::size_t told = message.body.floats().size;
    if (told == size) return;
    throw PeerError("node " + std::to_string(message.sender) + " sent a gradient of " +
                    std::to_string(told) + " numbers, not " + std::to_string(size));
  }

  static constexpr Uid kCenter = 0;

  std::vector<Uid> others_;  // than node 0, where the parts come together
};

const Register<Protocol, Centralized> registered{
    "centralized", "one model on the data of all nodes, without any traffic: a baseline",
    ProtocolFacts{.recursion = "x⁺ = x − η (1/n) Σ_j g_j(x), or another optimizer's step",
                  .sends = "0",
                  .needs = "nothing of the graph; one local step, equal parameters at the start",
                  .fixed_point = "the optimum",
                  .source = "none: a baseline"}};

}  // namespace
}  // namespace kith
