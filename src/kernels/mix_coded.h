#pragma once

#include <span>

#include "core/array.h"
#include "kernels/quantize.h"

namespace kith::kernels {

/// How the numbers of a vector are written down.
enum class Format : std::uint8_t {
  kFloat32,
  kBf16,   ///< kernels/half.h, two bytes each
  kFp16,   ///< the same
  kUint8,  ///< a byte each, points of a Grid
};

/// A vector in some format, which its values are read from, and its part of a weighted sum.
struct CodedTerm {
  float weight = 0;
  Format format = Format::kFloat32;
  const void* numbers = nullptr;  ///< as many as the other vectors of the call have
  Grid grid = {};                 ///< for kUint8
};

/// kernels::mix of terms that are decoded on the way: the same bits as decoding each and mixing
/// then. Each is read once, as it came. `out` may be `x`.
void mix_coded(float self_weight, ConstArrayView x, std::span<const CodedTerm> terms,
               ArrayView out);

}  // namespace kith::kernels
