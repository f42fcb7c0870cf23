#include <deque>

#include "core/device_memory.h"
#include "kernels/mix.h"
#include "kernels/vector_ops.h"
#include "node/protocol.h"
#include "node/protocol_facts.h"
#include "node/push_sum.h"

namespace kith {
namespace {

/// Stochastic gradient push (Assran et al., ICML 2019, arXiv:1811.10792, Algorithm 1): D-PSGD on
/// directed and changing graphs. The optimizer, with its momentum, moves the numerator x along the
/// gradient at z = x / w, and push-sum mixes x and w by weights P whose columns sum to one:
///
///     x ← x − η g(z),  x⁺ = P x,  w⁺ = P w,  z = x⁺ / w⁺
///
/// Of several local steps each has the z that the one before has made. On doubly stochastic P, w
/// stays 1 and this is D-PSGD. Like it, SGP is biased where the nodes' data differ.
///
/// With an overlap τ (Algorithm 2) what others say in a round is merged late. With τ = 1 x and w
/// travel while the node trains; with more, what has come is added τ − 1 rounds later, as a slow
/// network would make it. Meanwhile a node has less weight, and the sum of w over all nodes is what
/// is missing less than n:
///
///     x⁺_i = p_ii x_i − η g_i(z_i) + Σ_j p_ij x_j^(τ − 1 rounds ago),  and so w⁺ without a
///     gradient
///
/// The paper's node talks every τ steps: that is an overlap of 1 with τ local steps.
class Sgp final : public Protocol {
 public:
  struct Params {
    std::int64_t overlap = 0;

    void fields(Fields& f) {
      f.optional(
          "overlap", overlap,
          "0: train, then mix; 1: mix while training; more: merge so many rounds less one later",
          Range{.at_least = 0, .at_most = 100});
    }
  };

  explicit Sgp(const Params& params) : overlap_(params.overlap) {}

  bool on_device() const override { return true; }

  Needs needs() const override { return {.column_stochastic = true}; }

  std::vector<Channel::Spec> channels() const override { return {numerator_spec()}; }

  Task<> run(Node& self) override {
    Channel& numerator = self.channel();
    make_room(numerator.value());
    co_await self.observe(0);
    for (Round round = 0; round < self.rounds(); ++round) {
      self.begin(round);
      if (overlap_ == 0) {
        co_await train(self, numerator.edit());
        co_await numerator.mix();
      } else {
        co_await mix_while_training(self);
      }
      set_ratio(self, numerator.value(), weight_of(numerator.value()));
      co_await self.observe(round + 1);
    }
  }

  void walk_state(StateWalker& walker) override {
    for (std::size_t i = 0; i < in_flight_.size(); ++i) {
      // It may still be the network's: not ours to write to.
      const auto ours = std::make_shared<Array>(in_flight_[i]->size(), in_flight_[i]->device());
      copy(in_flight_[i]->view(), ours->view());
      walker.tensor("arrives_in_" + std::to_string(i), ours->view());
      in_flight_[i] = ours;
    }
  }

 private:
  void make_room(ConstArrayView numerator) {
    const auto make = [&] { return Array(numerator.size, numerator.device); };
    if (overlap_ > 0) trained_ = make();
    for (std::int64_t i = 1; i < overlap_; ++i) {
      in_flight_.push_back(std::make_shared<const Array>(make()));
    }
  }

  /// The local steps on a numerator with its weight, at x = z.
  static Task<> train(Node& self, ArrayView numerator_and_weight) {
    const ArrayView x = numerator_of(numerator_and_weight);
    const std::shared_ptr<Array> g = self.vector();
    const float w = self.local_steps() > 1 ? weight_of(numerator_and_weight) : 1;
    for (std::int64_t step = 0; step < self.local_steps(); ++step) {
      if (step > 0) set_ratio(self, numerator_and_weight, w);
      co_await self.gradient(g->view());
      self.step(x, g->view(), x);
    }
  }

  Task<> mix_while_training(Node& self) {
    Channel& numerator = self.channel();
    co_await numerator.say();
    const Slot said = numerator.published();
    copy(said->view(), trained_.view());
    co_await train(self, trained_.view());

    // Merged into nothing, what the others said stands alone.
    kernels::fill(numerator.overwrite(), 0);
    co_await numerator.hear();
    in_flight_.push_back(numerator.published());
    const Slot due = in_flight_.front();
    in_flight_.pop_front();

    kernels::subtract(trained_.view(), said->view(), trained_.view());  // of the weight 0 is left
    const kernels::Term terms[] = {{self.self_weight(), said->view()}, {1, trained_.view()}};
    kernels::mix(1, due->view(), terms, numerator.overwrite());
  }

  std::int64_t overlap_;
  Array trained_;
  std::deque<Slot> in_flight_;  // what others have given, the next to be merged first
};

const Register<Protocol, Sgp> registered{
    "sgp", "stochastic gradient push: D-PSGD by push-sum, where edges go one way",
    ProtocolFacts{
        .recursion = "x⁺ = W (x − η g(z)); w⁺ = W w; z⁺ = x⁺ / w⁺, which is the model\n"
                     "overlap 1: x⁺ = W x − η g(z), and so on",
        .sends = "4·(d + 1)·g",
        .keeps = "the numerator; with an overlap τ as many more as it is",
        .needs = "columns of W that sum to 1, with edges that may go one way and change; a sharing "
                 "method that loses nothing",
        .fixed_point = "off the optimum as D-PSGD is, by the order of η and of how much the nodes' "
                       "data differ",
        .source = "Assran et al., ICML 2019 (arXiv:1811.10792)"}};

}  // namespace
}  // namespace kith
