#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "communication/message.h"
#include "core/array.h"
#include "core/reports.h"
#include "core/types.h"

namespace kith {

/// Seconds so far: training; waiting for neighbors; in the sharing method (code and merge).
struct Clocks {
  double compute_s = 0;
  double wait_s = 0;
  double codec_s = 0;
};

/// What there is to see of a node at a moment, while it goes on.
struct Snapshot {
  Uid uid = 0;
  double time_s = 0;  ///< when it was taken, on the clock of `now_s`
  Slot x;
  Traffic traffic;
  std::vector<std::pair<std::string, std::uint64_t>>
      sent_by_channel;  ///< bytes; where there are several
  Clocks clocks;
  double loss_sum = 0;  ///< of the local steps since the snapshot before
  std::int64_t losses = 0;
  double learning_rate = 0;  ///< of the last step; 0 before the first
  std::int64_t samples_seen = 0;
  std::vector<Reports::Value> reports;
  std::vector<std::vector<std::uint32_t>> batches;  ///< likewise; where they are recorded
};

}  // namespace kith
