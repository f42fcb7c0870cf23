#include "kernels/choco.h"

#include "kernels/add_coded.h"
#include "kernels/device.h"

namespace kith::kernels {

void choco_update(const CodedTerm& own, std::span<const CodedTerm> heard, float gamma,
                  ConstArrayView y, ArrayView public_copy, ArrayView pull, ArrayView out) {
  if (!out.device.is_cpu()) {
    return device_kernels().choco_update(own, heard, gamma, y, public_copy, pull, out);
  }
  for (const Piece piece : Pieces(out.size)) {
    const auto of = [=](auto view) { return view.part(piece.begin, piece.size); };
    add_coded(own, 1, piece.begin, of(public_copy));
    for (const CodedTerm& neighbor : heard) {
      add_coded(neighbor, neighbor.weight, piece.begin, of(pull));
      add_coded(own, -neighbor.weight, piece.begin, of(pull));
    }
    add_scaled(of(y), gamma, of(pull), of(out));
  }
}

}  // namespace kith::kernels
