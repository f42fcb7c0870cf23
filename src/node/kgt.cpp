#include <algorithm>

#include "kernels/vector_ops.h"
#include "node/node.h"
#include "node/protocol_facts.h"

namespace kith {
namespace {

/// K-GT, gradient tracking with local steps (Liu, Lin, Koloskova & Stich, 2023, arXiv:2301.01313).
/// A node takes K steps along its gradients plus c, which is what the others' gradients differ by;
/// z is their mean direction. The correction follows how z differs from the neighbors':
///
///     y_0 = x;  y_{k+1} = y_k − η (g(y_k) + c);  z = (x − y_K) / (K η);
///     c⁺ = c − z + W z;  x⁺ = W (x − η_s K η z).
///
/// c begins at zero, and its mean stays there. With K = 1 and η_s = 1 it is semi-ATC gradient
/// tracking, y = g + c.
class Kgt final : public Protocol {
 public:
  struct Params {
    float outer_lr = 1;

    void fields(Fields& f) {
      f.optional("outer_lr", outer_lr, "η_s, how much of the local steps' way a node goes",
                 Range{.above = 0});
    }
  };

  explicit Kgt(const Params& params) : outer_lr_(params.outer_lr) {}

  bool on_device() const override { return true; }

  Needs needs() const override { return {.doubly_stochastic = true, .plain_sgd = true}; }

  std::vector<Channel::Spec> channels() const override {
    return {{.name = "x"}, {.name = "direction"}};
  }

  Task<> run(Node& self) override {
    Channel& z = self.channel(1);
    correction_ = Array(self.x().size, self.device());
    const ArrayView c = correction_.view();
    co_await self.observe(0);
    for (Round round = 0; round < self.rounds(); ++round) {
      self.begin(round);
      co_await take_local_steps(self, z);
      co_await self.say();
      co_await z.say();
      kernels::subtract(c, z.value(), c);
      co_await self.hear();
      co_await z.hear();
      kernels::add_scaled(c, 1, z.value(), c);
      co_await self.observe(round + 1);
    }
  }

  void walk_state(StateWalker& walker) override { walker.tensor("correction", correction_.view()); }

 private:
  /// x ← x − η_s K η z
  Task<> take_local_steps(Node& self, Channel& z) {
    const Slot before = self.published();
    const ArrayView sum = z.overwrite();
    kernels::fill(sum, 0);
    // Without data a node has no steps to take, but a correction to follow.
    const std::int64_t steps = std::max<std::int64_t>(self.local_steps(), 1);
    for (std::int64_t step = 0; step < steps; ++step) {
      const std::shared_ptr<Array> v = self.vector();
      co_await self.gradient(v->view());
      kernels::add_scaled(v->view(), 1, correction_.view(), v->view());
      self.step(v->view());
      kernels::add_scaled(sum, 1 / static_cast<float>(steps), v->view(), sum);
    }
    if (outer_lr_ == 1) co_return;
    const ArrayView x = self.edit_x();
    kernels::weighted_sum(1 - outer_lr_, before->view(), outer_lr_, x, x);
  }

  float outer_lr_;
  Array correction_;  // c
};

const Register<Protocol, Kgt> registered{
    "kgt", "K-GT: gradient tracking with several local steps",
    ProtocolFacts{.recursion = "y_0 = x; y_{k+1} = y_k − η (g(y_k) + c); z = (x − y_K) / (K η)\n"
                               "c⁺ = c − z + W z; x⁺ = W (x − η_s K η z)",
                  .sends = "8·d·g",
                  .keeps = "c",
                  .needs = "a doubly stochastic W, which may change; plain sgd",
                  .fixed_point = "the optimum",
                  .source = "Liu, Lin, Koloskova & Stich, 2023 (arXiv:2301.01313)"}};

}  // namespace
}  // namespace kith
