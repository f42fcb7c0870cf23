#include <algorithm>
#include <string>

#include "core/scratch.h"
#include "kernels/vector_ops.h"
#include "sharing/coder.h"

namespace kith {
namespace {

/// Sparse ternary compression (Sattler, Wiedemann, Müller & Samek, IEEE TNNLS 2020,
/// arXiv:1903.02891), with no server. A node says T(v), the signs of the largest coordinates of its
/// change times their mean magnitude, and keeps what that loses for the next change:
///
///     v = (y − x̂) + e;  q = T(v);  e = v − q;  x̂ += q
///     x⁺ = x̂ + γ Σ_j W_ij (x̂_j − x̂_i)
///
/// The paper's server takes the mean of the clients' messages, and every client starts from there
/// again; what a client could not say stays beside its model, in e, not in it. Here each node is
/// the server of its neighborhood: what it averages are the public copies x̂, sums of all that was
/// said. The paper's server compresses its step too, with a residual of its own. A node's step to
/// the mean is x⁺ − x̂, so it is in the next y − x̂, is said with it, and e is both residuals. On
/// graphs that are not complete nobody else could know that step, and unsaid it would part the
/// nodes for ever. CHOCO differs in one thing: it leaves e in the model.
///
/// A node keeps three vectors, whatever its degree, but only while W stays the same.
class Stc final : public Sharing {
 public:
  struct Params {
    double alpha = 0;
    float gamma = 0;
    bool ternary = true;
    CodecOptions codec;

    void fields(Fields& f) {
      f.required("alpha", alpha, "the part of the coordinates that a message has",
                 Range{.above = 0, .at_most = 1});
      f.required("gamma", gamma, "γ, how far a round moves x towards its neighbors' copies",
                 Range{.above = 0, .at_most = 1});
      f.optional("ternary", ternary,
                 "whether a message has signs and one magnitude (STC), or the numbers themselves, "
                 "which a codec may round (decentralizepy's STC)");
      f.optional("codec", codec, "how the numbers of a message become bytes");
    }
  };

  Stc(const Params& params, const Context& context)
      : gamma_(params.gamma),
        coder_({compressor(params), params.codec}, context),
        public_copy_(context.layout.size, context.device),
        pull_(context.layout.size, context.device),
        residual_(context.layout.size, context.device) {}

  bool on_device() const override { return coder_.on_device(); }

  Needs needs() const override {
    return {.doubly_stochastic = true,
            .static_graph = true,
            .equal_start = true,
            .because =
                "it keeps a sum of its neighbors' vectors, which it knows by the changes they "
                "said"};
  }

  void start(ConstArrayView x) override { copy(x, public_copy_.view()); }

  void say(const Turn& turn, const Slot& y, Outbox& outbox) override {
    const ArrayView e = residual_.view();
    const ArrayView change = scratch_vector<Stc>(y->size(), y->device());
    kernels::subtract(y->view(), public_copy_.view(), change);
    kernels::add_scaled(change, 1, e, e);  // v, in the place of e
    outbox.to_all(coder_.say(e, turn.round));
    coder_.add_own(-1, e);
  }

  void hear(const Turn&, const Slot&, std::span<const Heard> heard, ArrayView out) override {
    coder_.add_own(1, public_copy_.view());
    coder_.add_pull(heard, pull_.view());
    kernels::add_scaled(public_copy_.view(), gamma_, pull_.view(), out);
  }

  void walk_state(StateWalker& walker) override {
    walker.tensor("public_copy", public_copy_.view());
    walker.tensor("pull", pull_.view());
    walker.tensor("residual", residual_.view());
    coder_.walk_state(walker);
  }

 private:
  static Blueprint<Compressor, const Compressor::Context&> compressor(const Params& params) {
    const std::string type = params.ternary ? "ternary" : "top_k";
    return Compressor::registry().read(Config::parse(
        "{\"type\": \"" + type + "\", \"fraction\": " + json_number(params.alpha) + '}', "stc"));
  }

  float gamma_;
  Coder coder_;
  Array public_copy_;  // x̂
  Array pull_;         // Σ_j W_ij (x̂_j − x̂_i)
  Array residual_;     // e
};

const Register<Sharing, Stc> registered{
    "stc", "sparse ternary changes, and what they lost in the next ones"};

}  // namespace
}  // namespace kith
