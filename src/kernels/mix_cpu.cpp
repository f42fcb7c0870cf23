#include "kernels/arithmetic.h"
#include "kernels/mix.h"

namespace kith::kernels::KITH_LEVEL {
namespace {

// Measured (bench/mix.cpp): more than five terms at a time outrun the processor's prefetchers,
// fewer read and write `out` more often. Up to five neighbors are one sweep; with more, a block
// of 64 KiB of `out` stays in the L2 cache from sweep to sweep.
constexpr std::size_t kTerms = 5;
constexpr std::size_t kBlock = 16384;

/// A run of coordinates of all vectors.
struct Block {
  std::size_t offset;
  std::size_t size;
};

/// out = weight · x + Σ_k terms[k], k < count. `out` may be `x`.
template <std::size_t count>
[[gnu::always_inline]] inline void sweep(float weight, const float* x, const Term* terms,
                                         Block block, float* out) {
  float w[count + 1];
  const float* v[count + 1];
  for (std::size_t k = 0; k < count; ++k) {
    w[k] = terms[k].weight;
    v[k] = terms[k].vector.data + block.offset;
  }
  x += block.offset;
  out += block.offset;
#pragma GCC ivdep
  for (std::size_t i = 0; i < block.size; ++i) {
    float sum = weight * x[i];
    for (std::size_t k = 0; k < count; ++k) sum = plus_weighted(sum, w[k], v[k][i]);
    out[i] = sum;
  }
}

/// The same for a count known at run time, at most kTerms.
void sweep(float weight, const float* x, const Term* terms, std::size_t count, Block block,
           float* out) {
  static_assert(kTerms == 5);
  switch (count) {
    case 0:
      return sweep<0>(weight, x, terms, block, out);
    case 1:
      return sweep<1>(weight, x, terms, block, out);
    case 2:
      return sweep<2>(weight, x, terms, block, out);
    case 3:
      return sweep<3>(weight, x, terms, block, out);
    case 4:
      return sweep<4>(weight, x, terms, block, out);
    default:
      return sweep<5>(weight, x, terms, block, out);
  }
}

std::size_t smaller(std::size_t a, std::size_t b) { return a < b ? a : b; }

}  // namespace

void mix(float self_weight, ConstArrayView x, std::span<const Term> terms, ArrayView out) {
  const Term* const all = terms.data();
  const std::size_t count = terms.size();
  for (std::size_t offset = 0; offset < out.size; offset += kBlock) {
    const Block block{offset, smaller(kBlock, out.size - offset)};
    sweep(self_weight, x.data, all, smaller(kTerms, count), block, out.data);
    for (std::size_t k = kTerms; k < count; k += kTerms) {
      sweep(1, out.data, all + k, smaller(kTerms, count - k), block, out.data);  // 1 · out is out
    }
  }
}

}  // namespace kith::kernels::KITH_LEVEL
