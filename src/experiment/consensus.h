#pragma once

#include <cstdint>
#include <vector>

#include "communication/group.h"
#include "core/array.h"
#include "core/executor.h"

namespace kith {

/// How far the nodes are from agreeing.
struct Consensus {
  std::vector<double> of_node;  ///< ‖x_i − x̄‖² of each node of this process, in their order
  Array mean;  ///< x̄, rounded to float32, there or on the host; empty unless asked for
};

/// The consensus of all `nodes` nodes of a run, of which this process has `vectors`, one at least:
/// on the host, on a device, or on several. All processes call it together; models stay where they
/// are, and only sums travel.
///
/// x̄ is summed in float64 without rounding (kernels::exact_sums), so it is the same bits whatever
/// the processes, the threads and the devices; a node's distance is added up over fixed blocks of
/// coordinates.
Task<Consensus> consensus_of(Executor& executor, Group& group, std::int64_t nodes,
                             const std::vector<ConstArrayView>& vectors, bool keep_mean);

}  // namespace kith
