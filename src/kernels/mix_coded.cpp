#include "kernels/mix_coded.h"

#include <algorithm>

#include "kernels/add_coded.h"
#include "kernels/device.h"

namespace kith::kernels {

void mix_coded(float self_weight, ConstArrayView x, std::span<const CodedTerm> terms,
               ArrayView out) {
  if (!out.device.is_cpu()) return device_kernels().mix_coded(self_weight, x, terms, out);
  for (const Piece piece : Pieces(out.size)) {
    const ArrayView sum = out.part(piece.begin, piece.size);
    mix(self_weight, x.part(piece.begin, piece.size), {}, sum);
    for (const CodedTerm& term : terms) add_coded(term, term.weight, piece.begin, sum);
  }
}

}  // namespace kith::kernels
