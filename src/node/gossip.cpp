#include <algorithm>
#include <mutex>

#include "core/device_memory.h"
#include "kernels/mix.h"
#include "node/activation.h"
#include "node/node.h"
#include "node/protocol.h"
#include "node/protocol_facts.h"
#include "node/random_neighbor.h"

namespace kith {
namespace {

/// Gossip learning (Ormándi, Hegedűs and Jelasity, Concurrency and Computation 2013; Hegedűs,
/// Danner and Jelasity, JPDC 2021): a node that wakes up takes its local steps, which makes its
/// model one round older, and exchanges models with one random neighbor. It pushes its own, pulls
/// the other's, or both. Whoever gets a model of age a_j merges it with its own of age a_i:
///
///     average       x ← (x_i + x_j) / 2
///     by_age        x ← (a_i x_i + a_j x_j) / (a_i + a_j)
///     newer         x ← whichever is older in rounds; its own where they are equally old
///     replace       x ← x_j: models walk over the nodes
///
/// and the age becomes the larger of the two, a_j with `replace`. Merging does not keep Σ x_i.
class Gossip final : public Protocol {
 public:
  struct Params {
    std::string exchange = "push";
    std::string merge = "by_age";
    Blueprint<Activation> activation = Activation::registry().standard("arrivals");

    void fields(Fields& f) {
      f.optional("exchange", exchange, "who gives the other its model",
                 Choices{{"push", "pull", "push_pull"}});
      f.optional("merge", merge, "what becomes of two models, with the rounds of training in them",
                 Choices{{"average", "by_age", "newer", "replace"}});
      f.optional("activation", activation, "when nodes act");
    }
  };

  explicit Gossip(const Params& params)
      : pushes_(params.exchange != "pull"),
        pulls_(params.exchange != "push"),
        merge_(params.merge),
        activation_(params.activation.make()) {}

  bool on_device() const override { return true; }

  Needs needs() const override {
    return {.two_way = true, .because = "pairs of neighbors exchange models"};
  }
  void check(const Schedule& schedule, Round rounds) const override {
    activation_->check(schedule.nodes(), rounds);
    refuse_delays(*activation_, "gossip");
  }
  std::vector<Channel::Spec> channels() const override { return {}; }
  Kind own_kinds(std::int64_t nodes) const override {
    return static_cast<Kind>(activation_->events_per_round(nodes));
  }
  double own_vectors(std::int64_t nodes) const override {
    const double exchanges =
        activation_->is_ordered() ? own_kinds(nodes) : static_cast<double>(nodes);
    return exchanges * (pushes_ && pulls_ ? 2 : 1);
  }
  int lanes() const override { return activation_->is_ordered() ? 0 : 2; }
  bool serves() const override { return lanes() > 0; }

  Task<> run(Node& self) override {
    return activation_->is_ordered() ? run_in_order(self) : run_on_arrivals(self);
  }

  Task<> serve(Node& self) override {
    for (;;) {
      const std::optional<Message> request = co_await self.next_mail(kRequest);
      const Told told = pushes_ ? told_by(self, *request) : Told{};
      Body answer;  // to a push: that it has been read
      {
        const std::lock_guard lock(mutex_);
        if (pulls_) answer = aged_model(self);
        if (pushes_) merge(self, told);
      }
      self.mail(kAnswer, std::move(answer), request->sender);
    }
  }

  void walk_state(StateWalker& walker) override { walker.tensor("age", age_.view()); }

 private:
  enum Lane { kRequest, kAnswer };

  Task<> run_in_order(Node& self) {
    co_await self.observe(0);
    for (Round round = 0; round < self.rounds(); ++round) {
      self.begin(round);
      const std::vector<Event> events =
          activation_->events_of(self.uid(), round, self.schedule(), self.seed());
      for (const Event& event : events) {
        if (event.initiator == self.uid()) {
          co_await self.train();
          age_[0] += 1;
        }
        if (!event.is_alone()) co_await exchange(self, event);
      }
      self.report("age", double{age_[0]});
      co_await self.observe(round + 1);
    }
  }

  Task<> exchange(Node& self, const Event& event) {
    const bool leads = event.initiator == self.uid();
    const std::vector<Uid> other(1, event.other(self.uid()));
    if (leads ? pushes_ : pulls_) co_await self.post(event.place, aged_model(self), other);
    if (leads ? pulls_ : pushes_) {
      const std::vector<Message> heard = co_await self.collect(event.place, other);
      merge(self, told_by(self, heard.front()));
    }
  }

  Task<> run_on_arrivals(Node& self) {
    co_await self.observe(0);
    for (Round round = 0; round < self.rounds(); ++round) {
      self.begin(round);
      co_await train_while_serving(self);
      const Uid partner = random_neighbor(self);
      if (partner != self.uid()) co_await ask(self, partner);
      if (round + 1 < self.rounds()) co_await self.note(round + 1, published(self));
    }
    co_await self.gather();
    self.report("age", double{age_[0]});
    co_await self.observe(self.rounds());
  }

  /// Adds what local steps made of the model before to what became of it meanwhile.
  Task<> train_while_serving(Node& self) {
    const Slot before = published(self);
    const std::shared_ptr<Array> y = self.vector();
    co_await self.local_update(before->view(), y->view());
    const std::lock_guard lock(mutex_);
    if (self.published() == before) {
      self.become(y->view());
    } else {
      self.add_difference(*y, before->view());
    }
    age_[0] += 1;
  }

  Task<> ask(Node& self, Uid partner) {
    Body request;  // for a model
    if (pushes_) {
      const std::lock_guard lock(mutex_);
      request = aged_model(self);
    }
    self.mail(kRequest, std::move(request), partner);
    const Message answer = co_await self.answer(kAnswer, partner);
    const Told told = pulls_ ? told_by(self, answer) : Told{};
    const std::lock_guard lock(mutex_);
    if (pulls_) merge(self, told);
    self.report("age", double{age_[0]});
  }

  /// x with its age behind it.
  Body aged_model(const Node& self) const { return Body(self.weighted(self.x(), age_[0])); }

  /// A model and its age.
  struct Told {
    ConstArrayView model;
    float age = 0;
  };

  /// Waits for a device to say the age: not under the lock.
  static Told told_by(const Node& self, const Message& message) {
    const ConstArrayView aged = self.weighted_vector_in(message);
    return {aged.part(0, aged.size - 1), last_of(aged)};
  }

  void merge(Node& self, const Told& told) {
    const auto& [other, other_age] = told;
    const float own_age = age_[0];
    if (merge_ == "average" || merge_ == "by_age") {
      const float ages = own_age + other_age;
      const float weight = merge_ == "average" || ages == 0 ? 0.5f : other_age / ages;
      const kernels::Term term{weight, other};
      const ArrayView x = self.edit_x();
      kernels::mix(1 - weight, x, std::span(&term, 1), x);
    } else if (merge_ == "replace" || other_age > own_age) {
      self.become(other);
    }
    age_[0] = merge_ == "replace" ? other_age : std::max(own_age, other_age);
  }

  Slot published(Node& self) {
    const std::lock_guard lock(mutex_);
    return self.published();
  }

  bool pushes_, pulls_;
  std::string merge_;
  std::unique_ptr<Activation> activation_;
  std::mutex mutex_;  // on arrivals: of x, and of
  Array age_{1};      // rounds of training in x
};

const Register<Protocol, Gossip> registered{
    "gossip", "gossip learning: models pushed to or pulled from random neighbors, merged by age",
    ProtocolFacts{
        .recursion =
            "x_i⁺ = x_i + u(x_i), a_i⁺ = a_i + 1 when i wakes; then for a random pair i, j\n"
            "x_j⁺ = (a_i x_i + a_j x_j) / (a_i + a_j), a_j⁺ = max(a_i, a_j) (push, by_age)",
        .sends = "a vector of d + 1 numbers, the last its age, for each push or pull, of which a "
                 "node begins one a round",
        .keeps = "the age of its model: one number",
        .needs = "edges that go both ways",
        .fixed_point = "none that is known: merging moves the mean of all models",
        .source = "Ormándi et al., Concurrency and Computation 2013; Hegedűs et al., JPDC 2021"}};

}  // namespace
}  // namespace kith
