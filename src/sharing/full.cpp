#include "kernels/mix.h"
#include "kernels/vector_ops.h"
#include "sharing/coder.h"

namespace kith {
namespace {

/// Plain gossip: a node says its whole vector, and becomes the weighted mean of what it hears,
///
///     x_i ← W_ii x_i + Σ_j W_ij x_j.
///
/// Between nodes of one process nothing is copied: the message is the vector itself, unless a codec
/// makes bytes of it. Where that loses something, a node still counts itself as it is.
class Full final : public Sharing {
 public:
  struct Params {
    CodecOptions codec;

    void fields(Fields& f) {
      f.optional("codec", codec, "how the numbers of a message become bytes");
    }
  };

  Full(const Params& params, const Context&) : codec_(params.codec) {}

  void say(const Turn&, const Slot& x, Outbox& outbox) override { outbox.to_all(codec_.encode(x)); }

  void hear(const Turn& turn, const Slot& x, std::span<const Heard> heard,
            ArrayView out) override {
    terms_.clear();
    if (codec_.plain()) {
      for (const Heard& neighbor : heard) terms_.push_back(plain_term(neighbor, out.size));
    }
    kernels::mix(turn.self_weight, x->view(), terms_, out);
    if (codec_.plain()) return;
    const ArrayView vector = scratch_vector(out.size);
    for (const Heard& neighbor : heard) {  // added as `mix` does: the same bits
      codec_.decode(neighbor.sender, *neighbor.body, vector);
      kernels::add_scaled(out, neighbor.weight, vector, out);
    }
  }

 private:
  static kernels::Term plain_term(const Heard& neighbor, std::size_t size) {
    const ConstArrayView vector = neighbor.body->floats();
    if (vector.size != size) {
      throw PeerError("node " + std::to_string(neighbor.sender) + " sent a vector of " +
                      std::to_string(vector.size) + " numbers, not " + std::to_string(size));
    }
    return {neighbor.weight, vector};
  }

  Codec codec_;
  std::vector<kernels::Term> terms_;  // kept to save an allocation each round
};

const Register<Sharing, Full> registered{"full", "every parameter, as it is: plain gossip"};

}  // namespace
}  // namespace kith
