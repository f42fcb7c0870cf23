#include "sharing/vector_coder.h"

#include "core/scratch.h"
#include "kernels/vector_ops.h"

namespace kith {
namespace {

kernels::Term plain_term(const Sharing::Heard& neighbor, std::size_t size) {
  const ConstArrayView vector = neighbor.body->floats();
  if (vector.size != size) {
    throw PeerError("node " + std::to_string(neighbor.sender) + " sent a vector of " +
                    std::to_string(vector.size) + " numbers, not " + std::to_string(size));
  }
  return {neighbor.weight, vector};
}

}  // namespace

void VectorCoder::mix(float self_weight, ConstArrayView x, std::span<const Sharing::Heard> heard,
                      ArrayView out) {
  terms_.clear();
  if (codec_.plain()) {
    for (const Sharing::Heard& neighbor : heard) terms_.push_back(plain_term(neighbor, x.size));
    return kernels::mix(self_weight, x, terms_, out);
  }
  kernels::mix(self_weight, x, terms_, out);
  for (const Sharing::Heard& neighbor : heard) {  // added as kernels::mix does: the same bits
    ConstArrayView vector = Codec::known_vector(*neighbor.body);
    if (vector.size != x.size) {
      const ArrayView room = scratch_vector<VectorCoder>(x.size, x.device);
      codec_.decode(neighbor.sender, *neighbor.body, room);
      vector = room;
    }
    kernels::add_scaled(out, neighbor.weight, vector, out);
  }
}

}  // namespace kith
