#pragma once

#include "compression/index_codec.h"
#include "core/array.h"

namespace kith {

/// How nodes average that say a part of their coordinates only. What neighbor j did not say counts
/// as equal to the node's own:
///
///     x⁺ = W_ii x_i + Σ_j W_ij x̃_j,   x̃_j = x_j where j said it, and x_i elsewhere
///
/// It is worked out as (W_ii + Σ_parts W_ij) x_i + Σ_wholes W_ij x_j + Σ_parts W_ij (x_j − x_i),
/// the last sum over what was said. So the work is in proportion to what was said, and where W_ii
/// and the weights make 1, a coordinate that nobody said stays as it is to the last bit. Where
/// everybody says everything, it is the sum that `full` takes, in the same order: the same bits.
class PartialAverage {
 public:
  /// Begins with out = `own_weight` · own, the weight being W_ii and all W_ij of those that say a
  /// part. The views outlive the object and do not overlap.
  PartialAverage(double own_weight, ConstArrayView own, ArrayView out);

  /// A neighbor that said everything. First those, then the others, both by uid.
  void add(float weight, ConstArrayView whole);

  /// A neighbor that said some coordinates.
  void add(float weight, IndexView indices, ConstArrayView values);

 private:
  ConstArrayView own_;
  ArrayView out_;
};

}  // namespace kith
