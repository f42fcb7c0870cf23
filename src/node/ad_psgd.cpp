#include <algorithm>
#include <deque>
#include <mutex>

#include "graph/two_coloring.h"
#include "node/activation.h"
#include "node/node.h"
#include "node/protocol.h"
#include "node/protocol_facts.h"
#include "node/random_neighbor.h"
#include "node/staleness.h"

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

/// Asynchronous decentralized parallel SGD (Lian et al., ICML 2018, arXiv:1710.06952): no node
/// waits for all others. Whenever a node i is ready, it averages its model with that of one
/// neighbor j, both at once, and applies a gradient of the model that it had before, or even
/// earlier:
///
///     m = (x_i + x_j) / 2;   x_j ← m;   x_i ← m − η g_i(x̂_i)
///
/// The averages keep Σ x_i; only gradients move the network's mean.
///
/// On arrivals, as in the paper, the graph has two halves. Nodes of the active one ask for an
/// average in every round, and compute the gradient meanwhile; nodes of the passive one answer,
/// between two steps of their own or in the middle of one. Nobody who answers waits for an answer,
/// so there is no deadlock; and an active node changes its model only when its answer is there, so
/// that both sides of an average have the same m.
class AdPsgd final : public Protocol {
 public:
  struct Params {
    Blueprint<Activation> activation = Activation::registry().standard("arrivals");

    void fields(Fields& f) { f.optional("activation", activation, "when nodes act"); }
  };

  explicit AdPsgd(const Params& params) : activation_(params.activation.make()) {}

  bool on_device() const override { return true; }

  Needs needs() const override {
    return {.two_way = true,
            .bipartite = !activation_->is_ordered(),
            .one_step = true,
            .because = "pairs of neighbors average"};
  }
  void check(const Schedule& schedule, Round rounds) const override {
    activation_->check(schedule.nodes(), rounds);
  }
  std::vector<Channel::Spec> channels() const override { return {}; }
  Kind own_kinds(std::int64_t nodes) const override {
    return static_cast<Kind>(activation_->events_per_round(nodes));
  }
  double own_vectors(std::int64_t nodes) const override {
    return activation_->is_ordered() ? 2.0 * own_kinds(nodes) : static_cast<double>(nodes);
  }
  int lanes() const override { return activation_->is_ordered() ? 0 : 2; }
  bool serves() const override { return lanes() > 0; }

  Task<> run(Node& self) override {
    return activation_->is_ordered() ? run_in_order(self) : run_on_arrivals(self);
  }

  /// The passive half: averages with whoever asks.
  Task<> serve(Node& self) override {
    for (;;) {
      const std::optional<Message> request = co_await self.next_mail(kRequest);
      Slot mean;
      {
        const std::lock_guard lock(mutex_);
        self.average(self.vector_in(*request));
        ++averages_;
        mean = self.published();
      }
      self.mail(kAnswer, Body(mean), request->sender);
    }
  }

 private:
  enum Lane { kRequest, kAnswer };

  Task<> run_in_order(Node& self) {
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
      staleness_.report_to(self);
      co_await self.observe(round + 1);
    }
  }

  Task<> lead(Node& self, const Event& event, Slot earlier) {
    const std::shared_ptr<Array> g = self.vector();
    if (!event.is_alone()) co_await say(self, event);
    co_await self.gradient(earlier->view(), g->view());
    if (!event.is_alone()) co_await hear(self, event);
    if (self.local_steps() > 0) self.step(g->view());
    staleness_.add(static_cast<std::uint64_t>(std::min(event.number, event.delay)));
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

  Task<> run_on_arrivals(Node& self) {
    const bool is_passive = (*two_coloring(self.schedule()))[static_cast<std::size_t>(self.uid())];
    co_await self.observe(0);
    for (Round round = 0; round < self.rounds(); ++round) {
      self.begin(round);
      if (is_passive || self.receivers().empty()) {
        co_await step_while_serving(self);
      } else {
        co_await ask_while_training(self);
      }
      staleness_.report_to(self);
      if (round + 1 < self.rounds()) co_await self.note(round + 1, published(self));
    }
    co_await self.gather();
    co_await self.observe(self.rounds());
  }

  Task<> ask_while_training(Node& self) {
    const Uid partner = random_neighbor(self);
    const Slot before = self.published();
    const std::shared_ptr<Array> g = self.vector();
    self.mail(kRequest, Body(before), partner);
    co_await self.gradient(before->view(), g->view());
    const Message mean = co_await self.answer(kAnswer, partner);
    self.become(self.vector_in(mean));
    if (self.local_steps() > 0) self.step(g->view());
    staleness_.add(1);
  }

  Task<> step_while_serving(Node& self) {
    const std::shared_ptr<Array> g = self.vector();
    std::uint64_t averages = 0;
    Slot before;
    {
      const std::lock_guard lock(mutex_);
      averages = averages_;
      before = self.published();
    }
    co_await self.gradient(before->view(), g->view());
    before = nullptr;
    const std::lock_guard lock(mutex_);
    if (self.local_steps() > 0) self.step(g->view());
    staleness_.add(averages_ - averages);
  }

  Slot published(Node& self) {
    const std::lock_guard lock(mutex_);
    return self.published();
  }

  std::unique_ptr<Activation> activation_;
  Staleness staleness_;
  std::mutex mutex_;  // of a passive node's x, and of:
  std::uint64_t averages_ = 0;
};

const Register<Protocol, AdPsgd> registered{
    "ad_psgd", "AD-PSGD: whenever a node is ready it averages with one neighbor, atomically",
    ProtocolFacts{
        .recursion = "m = (x_i + x_j) / 2; x_j⁺ = m; x_i⁺ = m − η g_i(x̂_i), x̂_i an earlier x_i",
        .sends =
            "two vectors of d numbers for each average, of which an active node has one a round",
        .keeps = "g, and its models of as many events as gradients may be late",
        .needs = "edges that go both ways; on arrivals two halves of nodes with all edges between "
                 "them; one local step a round",
        .fixed_point = "as D-PSGD's: off the optimum by the order of η and of how much the nodes' "
                       "data differ; nodes that step more often count more",
        .source = "Lian et al., ICML 2018 (arXiv:1710.06952)"}};

}  // namespace
}  // namespace kith
