#include "sharing/plain_mean.h"
#include "sharing/vector_coder.h"

namespace kith {
namespace {

/// Gossip without weights: a node becomes the plain mean of itself and those it heard, S of them,
///
///     x_i ← (x_i + Σ_{j heard} x_j) / (S + 1),
///
/// whatever W is. It is decentralizepy's PlainAverageSharing, for graphs of a single round in which
/// degrees mean nothing: epidemic learning (de Vos et al., NeurIPS 2023, arXiv:2310.01972). Where
/// degrees differ, the mean of the network is not kept: who is heard by many counts more.
class PlainAverage final : public Sharing {
 public:
  using Params = VectorCoder::Options;

  PlainAverage(const Params& params, const Context&) : coder_(params) {}

  bool on_device() const override { return true; }

  void say(const Turn&, const Slot& x, Outbox& outbox) override { outbox.to_all(coder_.say(x)); }

  void hear(const Turn&, const Slot& x, std::span<const Heard> heard, ArrayView out) override {
    const PlainMean mean(heard.size());
    equal_.assign(heard.begin(), heard.end());
    for (Heard& neighbor : equal_) neighbor.weight = mean.weight;
    coder_.mix(mean.self_weight, x->view(), equal_, out);
  }

 private:
  VectorCoder coder_;
  std::vector<Heard> equal_;  // kept to save an allocation each round
};

const Register<Sharing, PlainAverage> registered{
    "plain_average", "every parameter; the plain mean of what was heard, whatever the weights"};

}  // namespace
}  // namespace kith
