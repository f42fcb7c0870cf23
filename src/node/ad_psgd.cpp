#include <deque>

#include "node/activation.h"
#include "node/node.h"
#include "node/protocol.h"

namespace kith {
namespace {

/// A node's models of the past few events: what a late gradient is of.
class Past {
 public:
  explicit Past(std::int64_t most_delay) : most_delay_(most_delay) {}

  /// From event `number` on the model is `x`.
  void note(std::int64_t number, const Slot& x) {
    models_.emplace_back(number, x);
    while (models_.size() > 1 && models_[1].first <= number - most_delay_) models_.pop_front();
  }

  /// The model before event `number`.
  const Slot& before(std::int64_t number) const {
    auto model = models_.rbegin();
    while (model + 1 != models_.rend() && model->first > number) ++model;
    return model->second;
  }

 private:
  std::int64_t most_delay_;
  std::deque<std::pair<std::int64_t, Slot>> models_;
};

/// Asynchronous decentralized parallel SGD (Lian et al., ICML 2018, arXiv:1710.06952): no node waits
/// for all others. Whenever a node i is ready, it averages its model with that of one neighbor j,
/// both at once, and applies a gradient of the model that it had before, or even earlier:
///
///     m = (x_i + x_j) / 2;   x_j ← m;   x_i ← m − η g_i(x̂_i)
///
/// The averages keep Σ x_i; only gradients move the network's mean.
class AdPsgd final : public Protocol {
 public:
  struct Params {
    Blueprint<Activation> activation = Activation::registry().standard("seeded");

    void fields(Fields& f) { f.optional("activation", activation, "when nodes act"); }
  };

  explicit AdPsgd(const Params& params) : activation_(params.activation.make()) {}

  Needs needs() const override {
    return {.two_way = true, .one_step = true, .because = "pairs of neighbors average"};
  }
  void check(std::int64_t nodes, Round rounds) const override { activation_->check(nodes, rounds); }
  std::vector<Channel::Spec> channels() const override { return {}; }
  Kind own_kinds(std::int64_t nodes) const override {
    return static_cast<Kind>(activation_->events_per_round(nodes));
  }
  double own_vectors(std::int64_t nodes) const override { return 2.0 * own_kinds(nodes); }

  Task<> run(Node& self) override {
    Past past(activation_->most_delay());
    past.note(0, self.published());
    co_await self.observe(0);
    for (Round round = 0; round < self.rounds(); ++round) {
      self.begin(round);
      const std::vector<Event> events =
          activation_->events_of(self.uid(), round, self.schedule(), self.seed());
      for (const Event& event : events) {
        if (event.initiator == self.uid()) {
          co_await lead(self, event, past.before(event.number - event.delay));
        } else {
          co_await average(self, event);
        }
        past.note(event.number + 1, self.published());
      }
      co_await self.observe(round + 1);
    }
  }

 private:
  static Task<> lead(Node& self, const Event& event, Slot earlier) {
    const std::shared_ptr<Array> g = self.vector();
    if (!event.is_alone()) co_await say(self, event);
    co_await self.gradient(earlier->view(), g->view());
    if (!event.is_alone()) co_await hear(self, event);
    if (self.local_steps() > 0) self.step(g->view());
  }

  static Task<> average(Node& self, const Event& event) {
    co_await say(self, event);
    co_await hear(self, event);
  }

  static Task<> say(Node& self, const Event& event) {
    const std::vector<Uid> other(1, event.other(self.uid()));
    co_await self.post(event.place, Body(self.published()), other);
  }

  static Task<> hear(Node& self, const Event& event) {
    const std::vector<Uid> other(1, event.other(self.uid()));
    const std::vector<Message> heard = co_await self.collect(event.place, other);
    self.average(self.vector_in(heard.front()));
  }

  std::unique_ptr<Activation> activation_;
};

const Register<Protocol, AdPsgd> registered{
    "ad_psgd", "AD-PSGD: whenever a node is ready it averages with one neighbor, atomically"};

}  // namespace
}  // namespace kith
