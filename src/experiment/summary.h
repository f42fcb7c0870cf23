#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "experiment/recorder.h"
#include "experiment/run_config.h"

namespace kith {

/// What all processes of a finished run have to tell.
struct Totals {
  std::vector<std::string> records;    ///< by node, its last; "" where it has none
  std::vector<std::uint64_t> digests;  ///< by node
  std::uint64_t wire_bytes = 0;
  Rejections rejected{};
  double wall_s = 0;
  std::size_t processes = 1;
};

/// summary.json of a finished run: last metrics of the network and every node, totals, digests.
std::string summary_json(const RunConfig& config, const std::string& network, const Totals& totals);

/// summary.json of a run that ended early: "failed" or "interrupted", why, and the last metrics it
/// reached, where they are known.
std::string failure_summary(const std::string& status, const std::string& error);
std::string failure_summary(const std::string& status, const std::string& error,
                            const Recorder& recorder);

}  // namespace kith
