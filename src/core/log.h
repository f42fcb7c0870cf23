#pragma once

#include <cstdio>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

namespace kith {

/// What a person reads when something went wrong: one line per event, with the seconds since the
/// log was opened. Warnings also go to standard error. Thread-safe; every line is flushed.
class Log {
 public:
  /// A log that keeps nothing, but still warns on standard error.
  Log();

  /// Throws ResourceError when `file` cannot be written.
  explicit Log(const std::filesystem::path& file);

  void info(const std::string& message) { write("info", message); }
  void warn(const std::string& message);
  void error(const std::string& message) { write("error", message); }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  void write(const char* level, const std::string& message);

  std::mutex mutex_;
  std::unique_ptr<std::FILE, Close> file_;
  double opened_s_;
};

}  // namespace kith
