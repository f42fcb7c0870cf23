#pragma once

#include <algorithm>
#include <filesystem>
#include <vector>

#include "experiment/run_config.h"
#include "experiment/sweep/sweep_plan.h"
#include "support/source_folder.h"

namespace kith {

/// The configs in `folder` and below it, but for what lies in a folder named data.
inline std::vector<std::filesystem::path> configs_in(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const bool is_data = entry.path().parent_path().filename() == "data";
    if (entry.path().extension() == ".json" && !is_data) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

/// The runs of a file: one, or all of a sweep.
inline std::vector<RunConfig> runs_of(const std::filesystem::path& file) {
  std::vector<RunConfig> runs;
  for (PlannedRun& run : SweepPlan::make(SweepConfig::read(file), file, {}).runs) {
    runs.push_back(std::move(run.config));
  }
  return runs;
}

}  // namespace kith
