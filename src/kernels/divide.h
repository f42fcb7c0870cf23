#pragma once

#include "core/array.h"

namespace kith::kernels {

/// out = x / n, rounded once, for 0 < n < 2^20. Not x · (1/n): that is rounded twice, the first time
/// always the same way. Both have one size and one device, and do not overlap.
void divide(ConstArrayView x, int n, ArrayView out);

}  // namespace kith::kernels
