#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace kith {

/// The folder of one run.
class RunDirectory {
 public:
  /// Makes `folder` and its parents, for process `process` of the run: all may share one. Throws
  /// ConfigError when it already holds a run, ResourceError when it cannot be made.
  explicit RunDirectory(std::filesystem::path folder, int process = 0);

  /// Throws that ConfigError.
  static void check_unused(const std::filesystem::path& folder, int process = 0);

  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path operator/(std::string_view name) const { return folder_ / name; }

  /// Writes a whole file: it appears complete or not at all. Throws ResourceError.
  void write(std::string_view name, const std::string& text) const;

 private:
  std::filesystem::path folder_;
};

/// A folder that is not there yet, for a run of that name: runs/<name>-<UTC time>.
std::filesystem::path new_run_folder(const std::string& name);

/// A file of lines that only grows. What `append` was given is there whole or not at all when the
/// disk fails, so a reader never meets half a line; when the process is killed, lines of up to a
/// page (4 KiB) are.
class LineFile {
 public:
  explicit LineFile(std::filesystem::path file);
  ~LineFile();
  LineFile(const LineFile&) = delete;
  LineFile& operator=(const LineFile&) = delete;

  /// Appends `lines`, each ending in a newline. Throws ResourceError.
  void append(std::string_view lines);

 private:
  [[noreturn]] void fail() const;

  std::filesystem::path file_;
  int descriptor_ = -1;
  long long size_ = 0;
};

}  // namespace kith
