#include <cmath>
#include <mutex>

#include "core/device_memory.h"
#include "core/random.h"
#include "node/activation.h"
#include "node/node.h"
#include "node/protocol.h"
#include "node/protocol_facts.h"
#include "node/random_neighbor.h"
#include "node/staleness.h"

namespace kith {
namespace {

/// SwarmSGD (Nadiradze et al., NeurIPS 2021, arXiv:1910.12308): random pairs of neighbors meet, and
/// take local steps between two meetings. In an order of events both take their steps, u, then they
/// average:
///
///     x_i, x_j ← (x_i + u(x_i) + x_j + u(x_j)) / 2
///
/// On arrivals nobody waits for a neighbor's steps. A node takes its own, from the model that it
/// had when it began, adds what they did to the model that others' averages have made of it
/// meanwhile, and asks a neighbor for an average; this one answers at once, with the model that its
/// own steps in progress have not reached. What an average adds to one of the two it takes from the
/// other:
///
///     m = (x_i + x_j) / 2;   x_j ← m;   x_i ← x_i' + (m − x_i),   x_i' what became of x_i
///     meanwhile
///
/// so averages keep Σ x_i, and since nobody who answers waits, there is no deadlock on any graph.
class Swarm final : public Protocol {
 public:
  struct Params {
    std::string steps = "fixed";
    Blueprint<Activation> activation = Activation::registry().standard("arrivals");

    void fields(Fields& f) {
      f.optional(
          "steps", steps,
          "whether a node takes training.local_steps between two meetings, or a geometrically "
          "distributed number of that mean",
          Choices{{"fixed", "geometric"}});
      f.optional("activation", activation, "when nodes act");
    }
  };

  explicit Swarm(const Params& params)
      : geometric_(params.steps == "geometric"), activation_(params.activation.make()) {}

  bool on_device() const override { return true; }

  Needs needs() const override {
    return {.two_way = true, .because = "pairs of neighbors average"};
  }
  void check(const Schedule& schedule, Round rounds) const override {
    activation_->check(schedule.nodes(), rounds);
    refuse_delays(*activation_, "swarm");
  }
  std::vector<Channel::Spec> channels() const override { return {}; }
  Kind own_kinds(std::int64_t nodes) const override {
    return static_cast<Kind>(activation_->events_per_round(nodes));
  }
  double own_vectors(std::int64_t nodes) const override {
    return 2.0 * (activation_->is_ordered() ? own_kinds(nodes) : static_cast<double>(nodes));
  }
  int lanes() const override { return activation_->is_ordered() ? 0 : 2; }
  bool serves() const override { return lanes() > 0; }

  Task<> run(Node& self) override {
    return activation_->is_ordered() ? run_in_order(self) : run_on_arrivals(self);
  }

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
    co_await self.observe(0);
    for (Round round = 0; round < self.rounds(); ++round) {
      self.begin(round);
      const std::vector<Event> events =
          activation_->events_of(self.uid(), round, self.schedule(), self.seed());
      for (const Event& event : events) {
        const std::shared_ptr<Array> y = self.vector();
        co_await take_steps(self, self.published(), *y, event.number);
        self.become(y->view());
        if (event.is_alone()) continue;
        const std::vector<Uid> other(1, event.other(self.uid()));
        co_await self.post(event.place, Body(self.published()), other);
        const std::vector<Message> heard = co_await self.collect(event.place, other);
        self.average(self.vector_in(heard.front()));
      }
      co_await self.observe(round + 1);
    }
  }

  Task<> run_on_arrivals(Node& self) {
    co_await self.observe(0);
    for (Round round = 0; round < self.rounds(); ++round) {
      self.begin(round);
      co_await train_while_serving(self);
      const Uid partner = random_neighbor(self);
      if (partner != self.uid()) co_await ask(self, partner);
      staleness_.report_to(self);
      if (round + 1 < self.rounds()) co_await self.note(round + 1, published(self));
    }
    co_await self.gather();
    co_await self.observe(self.rounds());
  }

  Task<> train_while_serving(Node& self) {
    std::uint64_t averages = 0;
    Slot before;
    {
      const std::lock_guard lock(mutex_);
      averages = averages_;
      before = self.published();
    }
    const std::shared_ptr<Array> y = self.vector();
    co_await take_steps(self, before, *y, self.round());
    const std::lock_guard lock(mutex_);
    change(self, before, y);
    staleness_.add(averages_ - averages);
  }

  Task<> ask(Node& self, Uid partner) {
    const Slot mine = published(self);
    self.mail(kRequest, Body(mine), partner);
    const Message answer = co_await self.answer(kAnswer, partner);
    const std::shared_ptr<Array> mean = self.vector();
    copy(self.vector_in(answer), mean->view());
    const std::lock_guard lock(mutex_);
    change(self, mine, mean);
  }

  /// x ← x + (y − before): y itself where x is still what it was before. Under the lock.
  static void change(Node& self, const Slot& before, const std::shared_ptr<Array>& y) {
    if (self.published() == before) {
      self.become(y->view());
    } else {
      self.add_difference(*y, before->view());
    }
  }

  /// y ← x after the steps between two meetings, of which `number` counts.
  Task<> take_steps(Node& self, Slot x, Array& y, std::int64_t number) {
    copy(x->view(), y.view());
    const std::int64_t count = steps(self, number);
    const std::shared_ptr<Array> g = count > 0 ? self.vector() : nullptr;
    for (std::int64_t step = 0; step < count; ++step) {
      co_await self.gradient(y.view(), g->view());
      self.step(y.view(), g->view(), y.view());
    }
  }

  std::int64_t steps(const Node& self, std::int64_t number) const {
    const std::int64_t mean = self.local_steps();
    if (!geometric_ || mean <= 1) return mean;
    // On 1, 2, 3, …: so many trials until one of probability 1 / mean succeeds.
    constexpr std::uint32_t kSteps = 1u << 30;
    Random random(self.seed(), Purpose::kNode, kSteps + static_cast<std::uint32_t>(self.uid()),
                  static_cast<std::uint32_t>(number));
    std::int64_t trials = 1;
    while (random.below(static_cast<std::uint32_t>(mean)) != 0) ++trials;
    return trials;
  }

  Slot published(Node& self) {
    const std::lock_guard lock(mutex_);
    return self.published();
  }

  bool geometric_;
  std::unique_ptr<Activation> activation_;
  Staleness staleness_;
  std::mutex mutex_;  // on arrivals: of x, and of
  std::uint64_t averages_ = 0;
};

const Register<Protocol, Swarm> registered{
    "swarm", "SwarmSGD: local steps, and averages of random pairs of neighbors",
    ProtocolFacts{
        .recursion = "x_i⁺ = x_j⁺ = (x_i + u(x_i) + x_j + u(x_j)) / 2 for a random pair i, j",
        .sends = "two vectors of d numbers for each average, of which a node asks for one a round",
        .needs = "edges that go both ways",
        .fixed_point = "off the optimum by the order of η, of the local steps, and of how much the "
                       "nodes' data differ; nodes that step more often count more",
        .source = "Nadiradze et al., NeurIPS 2021 (arXiv:1910.12308)"}};

}  // namespace
}  // namespace kith
