#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "experiment/recorder.h"
#include "experiment/run_config.h"

namespace kith {

/// summary.json of a finished run: last metrics of the network and every node, totals, digests.
std::string summary_json(const RunConfig& config, const Recorder& recorder,
                         const std::vector<std::uint64_t>& node_digests, double wall_s,
                         std::uint64_t wire_bytes);

/// summary.json of a run that ended early: "failed" or "interrupted", why, and the last metrics it
/// reached, where they are known.
std::string failure_summary(const std::string& status, const std::string& error);
std::string failure_summary(const std::string& status, const std::string& error,
                            const Recorder& recorder);

}  // namespace kith
