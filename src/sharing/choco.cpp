#include "core/scratch.h"
#include "kernels/vector_ops.h"
#include "sharing/coder.h"

namespace kith {
namespace {

/// CHOCO-SGD: gossip over compressed differences (Koloskova, Stich & Jaggi, ICML 2019,
/// arXiv:1902.00340; Koloskova, Lin, Stich & Jaggi, ICLR 2020, arXiv:1907.09356).
///
/// Neighbors never see x. They see x̂, a public copy that each message moves by q = Q(x − x̂): what
/// is lost in one round is still in x − x̂ in the next. With y the vector after local steps,
///
///     blocking    q = Q(y − x̂);  x̂ += q;  x⁺ = y + γ Σ_j W_ij (x̂_j − x̂_i)               ICML
///     overlapped  x⁺ = y + γ Σ_j W_ij (x̂_j − x̂_i);  q = Q(x⁺ − x̂);  x̂ += q              ICLR
///
/// Overlapped, x⁺ waits for no message of its round. A node keeps x̂ and the pull Σ_j W_ij (x̂_j −
/// x̂_i): two vectors, whatever its degree, but only while W stays the same. The pull, and not Σ_j
/// W_ij x̂_j, because what float32 rounds off of a sum is added to x in every later round: the pull
/// is small, and its terms W_ij q_j − W_ij q_i cancel exactly between two neighbors, so the
/// network's mean stays where it is.
class Choco final : public Sharing {
 public:
  struct Params {
    float gamma = 0;
    std::string order = "blocking";
    Coder::Options coder;

    void fields(Fields& f) {
      f.required("gamma", gamma, "γ, how far a round moves x towards its neighbors' copies",
                 Range{.above = 0, .at_most = 1});
      coder.fields(f, "a difference");
      f.optional("order", order, "whether x waits for the messages of its round",
                 Choices{{"blocking", "overlapped"}});
    }
  };

  Choco(const Params& params, const Context& context)
      : gamma_(params.gamma),
        overlapped_(params.order == "overlapped"),
        coder_(params.coder, context),
        public_copy_(context.layout.size, context.device),
        pull_(context.layout.size, context.device) {}

  bool on_device() const override { return coder_.on_device(); }

  Needs needs() const override {
    return {.doubly_stochastic = true,
            .static_graph = true,
            .because = "it keeps a sum of its neighbors' copies, weighted once and for all"};
  }

  void say(const Turn& turn, const Slot& y, Outbox& outbox) override {
    const ArrayView difference = scratch_vector<Choco>(y->size(), y->device());
    if (overlapped_) {
      move(y->view(), difference);
      kernels::subtract(difference, public_copy_.view(), difference);
    } else {
      kernels::subtract(y->view(), public_copy_.view(), difference);
    }
    outbox.to_all(coder_.say(difference, turn.round));
  }

  void hear(const Turn&, const Slot& y, std::span<const Heard> heard, ArrayView out) override {
    if (overlapped_) move(y->view(), out);
    coder_.add_own(1, public_copy_.view());  // x̂ += q
    coder_.add_pull(heard, pull_.view());
    if (!overlapped_) move(y->view(), out);
  }

  void walk_state(StateWalker& walker) override {
    walker.tensor("public_copy", public_copy_.view());
    walker.tensor("pull", pull_.view());
    coder_.walk_state(walker);
  }

 private:
  /// out = y + γ Σ_j W_ij (x̂_j − x̂_i)
  void move(ConstArrayView y, ArrayView out) const {
    kernels::add_scaled(y, gamma_, pull_.view(), out);
  }

  float gamma_;
  bool overlapped_;
  Coder coder_;
  Array public_copy_;  // x̂
  Array pull_;         // Σ_j W_ij (x̂_j − x̂_i)
};

const Register<Sharing, Choco> registered{"choco", "CHOCO-SGD: gossip over compressed differences"};

}  // namespace
}  // namespace kith
