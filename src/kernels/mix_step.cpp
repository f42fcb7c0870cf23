#include "kernels/mix_step.h"

#include <vector>

#include "kernels/add_coded.h"
#include "kernels/device.h"

namespace kith::kernels {

/// Steps from `out` instead of x.
using SgdFrom = void(const SgdStep&, ConstArrayView, ConstArrayView, ArrayView);
using MomentumFrom = void(const MomentumStep&, ConstArrayView, ConstArrayView, ArrayView,
                          ArrayView);

namespace generic {
SgdFrom step_from;
MomentumFrom step_from;
}  // namespace generic
namespace v3 {
SgdFrom step_from;
MomentumFrom step_from;
}  // namespace v3

namespace {

/// Mixes a piece that stays in the cache, and calls step(piece).
template <class Step>
void in_pieces(float self_weight, ConstArrayView x, std::span<const Term> terms, ArrayView out,
               Step step) {
  std::vector<Term> parts(terms.begin(), terms.end());
  for (const Piece piece : Pieces(out.size)) {
    for (std::size_t k = 0; k < terms.size(); ++k) {
      parts[k].vector = terms[k].vector.part(piece.begin, piece.size);
    }
    mix(self_weight, x.part(piece.begin, piece.size), parts, out.part(piece.begin, piece.size));
    step(piece);
  }
}

}  // namespace

void mix_sgd(float self_weight, ConstArrayView x, std::span<const Term> terms, const SgdStep& step,
             ConstArrayView g, ArrayView out) {
  if (!out.device.is_cpu()) {
    return device_kernels().mix_sgd(self_weight, x, terms, step, g, out);
  }
  in_pieces(self_weight, x, terms, out, [&](Piece piece) {
    const auto of = [=](auto view) { return view.part(piece.begin, piece.size); };
    at_level<SgdFrom>(generic::step_from, v3::step_from)(step, of(x), of(g), of(out));
  });
}

void mix_momentum(float self_weight, ConstArrayView x, std::span<const Term> terms,
                  const MomentumStep& step, ConstArrayView g, ArrayView m, ArrayView out) {
  if (!out.device.is_cpu()) {
    return device_kernels().mix_momentum(self_weight, x, terms, step, g, m, out);
  }
  in_pieces(self_weight, x, terms, out, [&](Piece piece) {
    const auto of = [=](auto view) { return view.part(piece.begin, piece.size); };
    at_level<MomentumFrom>(generic::step_from, v3::step_from)(step, of(x), of(g), of(m), of(out));
  });
}

}  // namespace kith::kernels
