#include <algorithm>
#include <mutex>

#include "core/condition.h"
#include "core/device_memory.h"
#include "core/random.h"
#include "kernels/mix.h"
#include "kernels/vector_ops.h"
#include "node/activation.h"
#include "node/node.h"
#include "node/protocol.h"
#include "node/protocol_facts.h"
#include "node/server.h"

namespace kith {
namespace {

/// Asynchronous model averaging (Gan et al., "BAGUA", VLDB 2021, arXiv:2107.01499): all nodes
/// average again and again beside their training, and what an average would have made of the models
/// that it began with is added to the models that it ends with:
///
///     z_i = x_i;   x_i ← x_i + (Σ_j z_j / n − z_i),   while x_i takes local steps of its own
///
/// The averages keep Σ x_i. Local steps never wait for an average; averages wait for each other
/// only, so a slow node takes part in them as often as a fast one. The last average begins when all
/// nodes have trained: all models then are the same.
///
/// In an order of events, an average begins with a round, and ends at an event of the round that is
/// drawn; the initiators of events take their local steps before or after.
class AsyncAverage final : public Protocol {
 public:
  struct Params {
    double interval_s = 0.5;
    std::int64_t warmup_rounds = 0;
    Blueprint<Activation> activation = Activation::registry().standard("arrivals");

    void fields(Fields& f) {
      f.optional("interval_s", interval_s, "seconds from one average to the next, on arrivals",
                 Range{.above = 0});
      f.optional("warmup_rounds", warmup_rounds,
                 "so many rounds first in which all nodes step along the mean of their gradients",
                 Range{.at_least = 0});
      f.optional("activation", activation, "when nodes act");
    }
  };

  explicit AsyncAverage(const Params& params)
      : interval_s_(params.interval_s),
        warmup_rounds_(params.warmup_rounds),
        activation_(params.activation.make()) {}

  bool on_device() const override { return true; }

  Needs needs() const override { return {.because = "it averages over all nodes"}; }
  void check(const Schedule& schedule, Round rounds) const override {
    activation_->check(schedule.nodes(), rounds);
    refuse_delays(*activation_, "async_average");
    for (Uid uid = 0; uid < schedule.nodes(); ++uid) {
      if (schedule.period() == 1 &&
          std::ssize(schedule.neighborhood(uid, 0).receivers) == schedule.nodes() - 1) {
        continue;
      }
      throw ConfigError(
          "/graph: async_average (it averages over all nodes) needs a graph that joins any two of "
          "them; use fully_connected");
    }
  }
  std::vector<Channel::Spec> channels() const override { return {}; }
  Kind own_kinds(std::int64_t) const override { return 1; }
  double own_vectors(std::int64_t nodes) const override {
    return activation_->is_ordered() ? static_cast<double>(nodes * (nodes - 1)) : 0;
  }
  int lanes() const override { return activation_->is_ordered() ? 0 : 2; }
  bool serves() const override { return lanes() > 0; }

  Task<> run(Node& self) override {
    co_await self.observe(0);
    for (Round round = 0; round < self.rounds(); ++round) {
      self.begin(round);
      if (round < warmup_rounds_) {
        co_await step_together(self);
      } else if (activation_->is_ordered()) {
        co_await round_in_order(self);
      } else {
        co_await train_while_averaging(self);
      }
      if (activation_->is_ordered()) {
        co_await self.observe(round + 1);
      } else if (round + 1 < self.rounds()) {
        co_await self.note(round + 1, published(self));
      }
    }
    if (!activation_->is_ordered()) co_await finish(self);
  }

  /// Average after average, on arrivals.
  Task<> serve(Node& self) override {
    const std::function<bool()> trains = [this] { return trains_alone_; };
    Condition::Until begun(state_, trains, "the warm-up to end");
    co_await begun;
    // Not self.receivers(), which are the round's, and rounds go on meanwhile.
    std::vector<Uid> others = server::everybody(self);
    std::erase(others, self.uid());
    for (std::int64_t number = 0;; ++number) {
      Executor::Pause pause(interval_s_);
      co_await pause;
      const bool is_last = co_await average(self, others, static_cast<int>(number % 2));
      if (is_last) break;
    }
    const std::lock_guard lock(state_.mutex);
    is_over_ = true;
    state_.changed();
  }

 private:
  Task<> step_together(Node& self) {
    const std::shared_ptr<Array> g = self.vector();
    co_await self.gradient(g->view());
    const std::shared_ptr<Array> mean = self.vector();
    co_await mean_of_all(self, g, *mean);
    if (self.local_steps() > 0) self.step(mean->view());
  }

  /// mean ← Σ_j v_j / n, with this node's `own` and the others' messages of this round.
  static Task<> mean_of_all(Node& self, Slot own, Array& mean) {
    const std::vector<Uid> others(self.receivers().begin(), self.receivers().end());
    co_await self.post(0, Body(own), others);
    const std::vector<Message> heard = co_await self.collect(0, others);
    for (const Message& message : heard) self.vector_in(message);
    fill_mean(self, own, heard, mean);
  }

  /// Sums by uid: all nodes get the same bits. `heard` is in that order, without the node itself.
  static void fill_mean(const Node& self, const Slot& own, const std::vector<Message>& heard,
                        Array& mean) {
    std::vector<kernels::Term> terms;
    const auto weight = static_cast<float>(1.0 / static_cast<double>(self.nodes()));
    for (const Message& message : heard) {
      if (message.sender > self.uid() && std::ssize(terms) == self.uid()) {
        terms.push_back({weight, own->view()});
      }
      terms.push_back({weight, message.body.floats().part(0, own->size())});
    }
    if (std::ssize(terms) == self.uid()) terms.push_back({weight, own->view()});
    const kernels::Term first = terms.front();
    terms.erase(terms.begin());
    kernels::mix(first.weight, first.vector, terms, mean.view());
  }

  Task<> round_in_order(Node& self) {
    const std::vector<Uid> others(self.receivers().begin(), self.receivers().end());
    const std::vector<Event> events =
        activation_->events_of(self.uid(), self.round(), self.schedule(), self.seed());
    const auto count = static_cast<std::uint32_t>(activation_->events_per_round(self.nodes()));
    constexpr std::uint32_t kEnds = (1u << 31) - 1;  // a stream that no node has
    Random random(self.seed(), Purpose::kNode, kEnds, static_cast<std::uint32_t>(self.round()));
    const auto end = static_cast<Kind>(random.below(count + 1));

    const Slot before = self.published();
    co_await self.post(0, Body(before), others);
    co_await act(self, events, 0, end);
    const std::vector<Message> heard = co_await self.collect(0, others);
    for (const Message& message : heard) self.vector_in(message);
    const std::shared_ptr<Array> mean = self.vector();
    fill_mean(self, before, heard, *mean);
    change(self, before, mean);
    co_await act(self, events, end, static_cast<Kind>(count));
  }

  /// Local steps in those of `events` from place `first` on, before `last`, that are this node's.
  static Task<> act(Node& self, const std::vector<Event>& events, Kind first, Kind last) {
    for (const Event& event : events) {
      const bool is_now = event.place >= first && event.place < last;
      if (is_now && event.initiator == self.uid()) co_await self.train();
    }
  }

  Task<> train_while_averaging(Node& self) {
    {
      const std::lock_guard lock(state_.mutex);
      trains_alone_ = true;
      state_.changed();
    }
    const Slot before = published(self);
    const std::shared_ptr<Array> y = self.vector();
    co_await self.local_update(before->view(), y->view());
    const std::lock_guard lock(state_.mutex);
    change(self, before, y);
  }

  /// One average; whether it was the last: all nodes had trained when it began.
  Task<bool> average(Node& self, const std::vector<Uid>& others, int lane) {
    Slot before;
    bool all_done = false;
    {
      const std::lock_guard lock(state_.mutex);
      before = self.published();
      all_done = is_done_;
    }
    const Slot said = self.weighted(before->view(), all_done ? 1 : 0);
    for (const Uid other : others) self.mail(lane, Body(said), other);
    std::vector<Message> heard;
    for (const Uid other : others) {
      std::optional<Message> message = co_await self.next_mail(lane, other);
      const ConstArrayView vector = self.weighted_vector_in(*message);
      all_done = all_done && last_of(vector) == 1;
      heard.push_back(std::move(*message));
    }
    const std::shared_ptr<Array> mean = self.vector();
    fill_mean(self, before, heard, *mean);
    const std::lock_guard lock(state_.mutex);
    change(self, before, mean);
    ++averages_;
    co_return all_done;
  }

  Task<> finish(Node& self) {
    {
      const std::lock_guard lock(state_.mutex);
      trains_alone_ = is_done_ = true;
      state_.changed();
    }
    const std::function<bool()> over = [this] { return is_over_; };
    Condition::Until end(state_, over, "the last average");
    co_await end;
    self.report("averages", static_cast<double>(averages_));
    co_await self.gather();
    co_await self.observe(self.rounds());
  }

  /// x ← x + (y − before): y itself where x is still what it was before.
  static void change(Node& self, const Slot& before, const std::shared_ptr<Array>& y) {
    if (self.published() == before) {
      self.become(y->view());
    } else {
      self.add_difference(*y, before->view());
    }
  }

  Slot published(Node& self) {
    const std::lock_guard lock(state_.mutex);
    return self.published();
  }

  double interval_s_;
  Round warmup_rounds_;
  std::unique_ptr<Activation> activation_;

  Condition state_;            // on arrivals, it guards x and what follows
  bool trains_alone_ = false;  // the warm-up is over
  bool is_done_ = false;       // with its rounds
  bool is_over_ = false;       // the last average
  std::int64_t averages_ = 0;
};

const Register<Protocol, AsyncAverage> registered{
    "async_average", "all nodes average again and again, beside local steps that never wait for it",
    ProtocolFacts{
        .recursion =
            "x_i⁺ = x_i + (Σ_j z_j / n − z_i), z the models when the average began; beside "
            "it x_i⁺ = x_i + u(x_i)",
        .sends = "(d + 1) numbers to each other node for each average",
        .keeps = "z",
        .needs = "fully connected nodes",
        .fixed_point = "off the optimum by the order of η and of how much nodes do between two "
                       "averages; nodes that step more often count more",
        .source = "Gan et al., VLDB 2021 (arXiv:2107.01499)"}};

}  // namespace
}  // namespace kith
