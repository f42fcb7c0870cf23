#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "core/array.h"
#include "core/executor.h"

namespace kith {

/// How far the nodes are from agreeing.
struct Consensus {
  double distance = 0;  ///< (1/n) Σ_i ‖x_i − x̄‖²
  Array mean;           ///< x̄, rounded to float32; empty unless asked for
};

/// Computed in float64 over fixed blocks of coordinates, in (block, uid) order within each block and
/// block after block, on all threads: the result depends on the vectors alone.
Task<Consensus> consensus_of(Executor& executor, const std::vector<ConstArrayView>& vectors,
                             bool keep_mean);

}  // namespace kith
