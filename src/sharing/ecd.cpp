#include <algorithm>

#include "core/scratch.h"
#include "kernels/vector_ops.h"
#include "sharing/coder.h"

namespace kith {
namespace {

/// ECD-PSGD: extrapolation compression (Tang, Gan, Zhang, Zhang & Liu, NeurIPS 2018,
/// arXiv:1803.06443). Neighbors follow an estimate x̃ of x, and mixing goes over estimates, a node's
/// own among them. In round t = 1, 2, …, with y the vector after local steps,
///
///     x⁺ = Σ_j W_ij x̃_j + (y − x);  z = (1 − t/2) x + (t/2) x⁺;  q = Q(z);
///     x̃ ← (1 − 2/t) x̃ + (2/t) q.
///
/// x̃ is x⁺ on average, if Q is unbiased, and the noise of a message shrinks with 1/t. But z runs
/// ahead of x ever farther, and an error of Q that grows with ‖z‖ grows with t.
class Ecd final : public Sharing {
 public:
  struct Params {
    Coder::Options coder;

    void fields(Fields& f) { coder.fields(f, "an extrapolation; unbiased"); }
  };

  Ecd(const Params& params, const Context& context)
      : coder_(params.coder, context),
        previous_(context.layout.size, context.device),
        mixed_estimates_(context.layout.size, context.device) {
    if (!coder_.law().unbiased) {
      throw ConfigError(
          "/sharing/compressor: ecd needs an unbiased compressor, because it averages "
          "errors away; " +
          params.coder.compressor.type() +
          ", so set, is not. Take qsgd, uniform with \"rounding\": \"stochastic\", or "
          "random_k with \"unbiased\": true");
    }
    if (!coder_.lossless_codec()) {
      throw ConfigError(
          "/sharing/codec/values: ecd needs a codec that loses nothing, because it averages errors "
          "away, and a codec's are not random. Take none, fpzip at precision 32, lz4 or zstd");
    }
  }

  bool on_device() const override { return coder_.on_device(); }

  Needs needs() const override {
    return {
        .doubly_stochastic = true,
        .static_graph = true,
        .equal_start = true,
        .because = "it keeps a sum of its neighbors' estimates, which begin at their own vectors"};
  }

  void start(ConstArrayView x) override {
    copy(x, previous_.view());
    copy(x, mixed_estimates_.view());
  }

  void say(const Turn& turn, const Slot& y, Outbox& outbox) override {
    const ArrayView z = scratch_vector<Ecd>(y->size(), y->device());
    move(y->view(), z);
    kernels::subtract(z, previous_.view(), z);
    kernels::add_scaled(previous_.view(), t(turn) / 2, z, z);  // z = x + (t/2) (x⁺ − x)
    outbox.to_all(coder_.say(z, turn.round));
  }

  void hear(const Turn& turn, const Slot& y, std::span<const Heard> heard, ArrayView out) override {
    move(y->view(), out);
    copy(out, previous_.view());
    const float share = 2 / t(turn);
    const ArrayView s = mixed_estimates_.view();
    kernels::add_scaled(s, -share, s, s);
    coder_.add_own(share * turn.self_weight, s);
    for (const Heard& neighbor : heard) coder_.add(neighbor, share * neighbor.weight, s);
  }

  void walk_state(StateWalker& walker) override {
    walker.tensor("previous", previous_.view());
    walker.tensor("mixed_estimates", mixed_estimates_.view());
    coder_.walk_state(walker);
  }

 private:
  static float t(const Turn& turn) { return static_cast<float>(turn.round + 1); }

  /// out = Σ_j W_ij x̃_j + (y − x)
  void move(ConstArrayView y, ArrayView out) const {
    kernels::subtract(y, previous_.view(), out);
    kernels::add_scaled(mixed_estimates_.view(), 1, out, out);
  }

  Coder coder_;
  Array previous_;         // x
  Array mixed_estimates_;  // Σ_j W_ij x̃_j
};

const Register<Sharing, Ecd> registered{"ecd", "ECD-PSGD: nodes say compressed extrapolations"};

}  // namespace
}  // namespace kith
