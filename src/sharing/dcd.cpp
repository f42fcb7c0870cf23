#include <algorithm>

#include "core/scratch.h"
#include "kernels/vector_ops.h"
#include "sharing/coder.h"

namespace kith {
namespace {

/// DCD-PSGD: difference compression (Tang, Gan, Zhang, Zhang & Liu, NeurIPS 2018,
/// arXiv:1803.06443). Every node's x is public: it moves by nothing but what it says. With y the
/// vector after local steps,
///
///     z = Σ_j W_ij x_j + (y − x) − x;  q = Q(z);  x⁺ = x + q.
///
/// Neighbors add up q, so all must start equal. A node keeps x and Σ_j W_ij (x_j − x_i): two
/// vectors, whatever its degree. Q must lose little, or the method diverges: no γ holds it back.
///
/// `low_precision` is the same with Bagua's MinMaxUInt8 unless told otherwise: on a ring, where all
/// weights are 1/3, its z = y + (x_left + x_right − 5 x) / 3.
class Dcd : public Sharing {
 public:
  struct Params {
    Coder::Options coder;

    void fields(Fields& f) { coder.fields(f, "a step"); }
  };

  Dcd(const Params& params, const Context& context)
      : coder_(params.coder, context),
        public_copy_(context.layout.size, context.device),
        pull_(context.layout.size, context.device) {}

  bool on_device() const override { return coder_.on_device(); }

  Needs needs() const override {
    return {.doubly_stochastic = true,
            .static_graph = true,
            .equal_start = true,
            .because =
                "it keeps a sum of its neighbors' vectors, which it knows by the steps they said"};
  }

  void start(ConstArrayView x) override { copy(x, public_copy_.view()); }

  void say(const Turn& turn, const Slot& y, Outbox& outbox) override {
    const ArrayView step = scratch_vector<Dcd>(y->size(), y->device());
    kernels::subtract(y->view(), public_copy_.view(), step);
    kernels::add_scaled(pull_.view(), 1, step, step);  // z = Σ_j W_ij (x_j − x_i) + (y − x)
    outbox.to_all(coder_.say(step, turn.round));
  }

  void hear(const Turn&, const Slot&, std::span<const Heard> heard, ArrayView out) override {
    coder_.add_own(1, public_copy_.view());  // x⁺ = x + q
    coder_.add_pull(heard, pull_.view());
    copy(public_copy_.view(), out);
  }

  void walk_state(StateWalker& walker) override {
    walker.tensor("public_copy", public_copy_.view());
    walker.tensor("pull", pull_.view());
    coder_.walk_state(walker);
  }

 private:
  Coder coder_;
  Array public_copy_;  // x, as the neighbors have it
  Array pull_;         // Σ_j W_ij (x_j − x_i)
};

class LowPrecision final : public Dcd {
 public:
  struct Params : Dcd::Params {
    Params() { coder.compressor = Compressor::registry().standard("minmax_uint8"); }
  };

  using Dcd::Dcd;
};

const Register<Sharing, Dcd> dcd{"dcd", "DCD-PSGD: nodes say compressed steps"};
const Register<Sharing, LowPrecision> low_precision{
    "low_precision", "DCD-PSGD with a byte a coordinate: Bagua's LowPrecisionDecentralized"};

}  // namespace
}  // namespace kith
