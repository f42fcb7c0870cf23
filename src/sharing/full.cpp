#include "sharing/vector_coder.h"

namespace kith {
namespace {

/// Plain gossip: a node says its whole vector, and becomes the weighted mean of what it hears,
///
///     x_i ← W_ii x_i + Σ_j W_ij x_j.
class Full final : public Sharing {
 public:
  using Params = VectorCoder::Options;

  Full(const Params& params, const Context&) : coder_(params) {}

  bool on_device() const override { return true; }
  bool keeps_sums() const override { return coder_.codec().lossless(); }

  void say(const Turn&, const Slot& x, Outbox& outbox) override { outbox.to_all(coder_.say(x)); }

  void hear(const Turn& turn, const Slot& x, std::span<const Heard> heard, ArrayView out) override {
    coder_.mix(turn.self_weight, x->view(), heard, out);
  }

 private:
  VectorCoder coder_;
};

const Register<Sharing, Full> registered{"full", "every parameter, as it is: plain gossip"};

}  // namespace
}  // namespace kith
