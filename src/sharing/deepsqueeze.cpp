#include "kernels/vector_ops.h"
#include "sharing/coder.h"

namespace kith {
namespace {

/// DeepSqueeze: compressed gossip with error compensation (Tang, Lian, Qiu, Yuan, Zhang, Zhang &
/// Liu, arXiv:1907.07346). With y the vector after local steps and e what was lost so far,
///
///     v = y + e;  q = Q(v);  e = v − q;  x⁺ = y + γ Σ_j W_ij (q_j − q_i).
///
/// It remembers nothing of its neighbors, so the graph may change from round to round.
class DeepSqueeze final : public Sharing {
 public:
  struct Params {
    float gamma = 0;
    Coder::Options coder;

    void fields(Fields& f) {
      f.required("gamma", gamma, "γ, how far a round moves x towards what the neighbors said",
                 Range{.above = 0, .at_most = 1});
      coder.fields(f, "a vector");
    }
  };

  DeepSqueeze(const Params& params, const Context& context)
      : gamma_(params.gamma),
        coder_(params.coder, context),
        error_(context.layout.size, context.device) {}

  bool on_device() const override { return coder_.on_device(); }

  Needs needs() const override { return {.doubly_stochastic = true}; }

  void say(const Turn& turn, const Slot& y, Outbox& outbox) override {
    kernels::add_scaled(error_.view(), 1, y->view(), error_.view());  // v, in the place of e
    outbox.to_all(coder_.say(error_.view(), turn.round));
    coder_.add_own(-1, error_.view());  // e = v − q
  }

  void hear(const Turn&, const Slot& y, std::span<const Heard> heard, ArrayView out) override {
    kernels::fill(out, 0);
    coder_.add_pull(heard, out);
    kernels::add_scaled(y->view(), gamma_, out, out);
  }

  void walk_state(StateWalker& walker) override {
    walker.tensor("error", error_.view());
    coder_.walk_state(walker);
  }

 private:
  float gamma_;
  Coder coder_;
  Array error_;  // e
};

const Register<Sharing, DeepSqueeze> registered{
    "deepsqueeze", "DeepSqueeze: compressed gossip that makes up for what it lost"};

}  // namespace
}  // namespace kith
