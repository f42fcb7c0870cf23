#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kith {

/// What all nodes together had reached after a round: a "network" record of metrics-0.jsonl.
struct Milestone {
  std::int64_t round = 0;
  double time_s = 0;
  /// The other numbers of the record, by name, without those that are null.
  std::vector<std::pair<std::string, double>> values;

  std::optional<double> value(std::string_view name) const;
};

/// What a finished run left in its folder.
struct FinishedRun {
  std::filesystem::path folder;
  std::string name;
  std::int64_t seed = 0;
  double wall_time_s = 0;
  std::vector<Milestone> milestones;  ///< by round, at least one
  /// Every value of the resolved config, with its path: ("/training/lr", "0.1").
  std::vector<std::pair<std::string, std::string>> settings;

  const Milestone& last() const { return milestones.back(); }

  /// Throws InputError when there is none, when it has not finished, or when a file is damaged.
  static FinishedRun read(const std::filesystem::path& folder);
};

/// Whether the summary of a run's folder says that the run has come to its end.
bool is_finished(const std::filesystem::path& folder);

/// `folder`, or where it holds no run the folders below it that do, in order. Throws InputError
/// when there are none.
std::vector<std::filesystem::path> run_folders(const std::filesystem::path& folder);

}  // namespace kith
