#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "experiment/sweep/sweep_plan.h"

namespace kith {

/// The folder of a sweep: its runs in runs/, the configs that they are given in configs/, and what
/// they amount to. One program at a time works in it.
class SweepFolder {
 public:
  /// Makes it. Throws ResourceError when that fails or another program works in it, ConfigError
  /// when it is the folder of a run.
  explicit SweepFolder(std::filesystem::path folder);
  ~SweepFolder();
  SweepFolder(const SweepFolder&) = delete;
  SweepFolder& operator=(const SweepFolder&) = delete;

  std::filesystem::path path_of(const PlannedRun& run) const { return folder_ / "runs" / run.name; }

  /// Whether `run` has been run to its end, with this very config.
  bool has(const PlannedRun& run) const;

  /// Makes room for a run and gives the file of its config. What an earlier start of the same
  /// config left is removed; anything else is kept under a new name, "<name>.old".
  std::filesystem::path prepare(const PlannedRun& run) const;

  /// Writes a file: it appears complete or not at all.
  void write(const std::string& name, const std::string& text) const;

  const std::filesystem::path& path() const { return folder_; }

 private:
  std::filesystem::path folder_;
  int lock_ = -1;
};

}  // namespace kith
