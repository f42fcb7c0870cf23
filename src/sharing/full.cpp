#include "core/text.h"
#include "kernels/mix.h"
#include "sharing/sharing.h"

namespace kith {
namespace {

/// Plain gossip: a node says its whole vector, and becomes the weighted mean of what it hears,
///
///     x_i ← W_ii x_i + Σ_j W_ij x_j.
///
/// Between nodes of one process nothing is copied: the message is the vector itself.
class Full final : public Sharing {
 public:
  using Params = NoParams;

  Full(Params, const Context&) {}

  void say(const Turn&, const Slot& x, Outbox& outbox) override { outbox.to_all(Body(x)); }

  void hear(const Turn& turn, const Slot& x, std::span<const Heard> heard,
            ArrayView out) override {
    terms_.clear();
    for (const Heard& neighbor : heard) {
      const ConstArrayView vector = neighbor.body->floats();
      if (vector.size != out.size) {
        throw PeerError("node " + std::to_string(neighbor.sender) + " sent a vector of " +
                        std::to_string(vector.size) + " numbers, not " + std::to_string(out.size));
      }
      terms_.push_back({neighbor.weight, vector});
    }
    kernels::mix(turn.self_weight, x->view(), terms_, out);
  }

 private:
  std::vector<kernels::Term> terms_;  // kept to save an allocation each round
};

const Register<Sharing, Full> registered{"full", "every parameter, as it is: plain gossip"};

}  // namespace
}  // namespace kith
