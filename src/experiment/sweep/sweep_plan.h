#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "experiment/run_config.h"
#include "experiment/sweep/sweep_config.h"

namespace kith {

/// One run of a sweep.
struct PlannedRun {
  std::string name;                 ///< unlike all others', and usable as a folder's
  std::vector<std::string> labels;  ///< by axis, in words
  std::string group;                ///< what it is besides its seed; "" where that is all there is
  std::string panel;                ///< its config
  RunConfig config;
};

/// Every combination of a sweep's configs, overrides, varied values and seeds, in that order.
struct SweepPlan {
  std::string name;
  std::vector<std::string> axes;  ///< "config", "override", paths that vary, "seed"
  std::vector<PlannedRun> runs;

  /// Reads and checks every config. `settings` come last, as --set says them. Throws ConfigError.
  static SweepPlan make(const SweepConfig& sweep, const std::filesystem::path& file,
                        const std::vector<std::string>& settings);
};

}  // namespace kith
