#pragma once

#include <functional>
#include <string>
#include <vector>

namespace kith {

/// Runs programs, a few at a time, each on its own: when one fails the others go on. They are
/// started as `kith launch` starts its processes (see Launched), so that none outlives this one.
class Crew {
 public:
  /// How a program ended.
  struct End {
    int status = 0;     ///< its exit status, or the negative number of the signal that killed it
    std::string error;  ///< what its last line "error: …" said
    double time_s = 0;  ///< that it took
  };

  struct Settings {
    int at_once = 1;
    // When this program is told to stop, so are they. After `stop_s` their input is closed, and
    // after `leave_s` they are killed.
    double stop_s = 10, leave_s = 5;
    std::function<int()> pending_signal = [] { return 0; };
    std::function<void(std::size_t number, const End& end)> ended;
  };

  explicit Crew(Settings settings) : settings_(std::move(settings)) {}

  /// Returns when all are done. Throws Error with the exit code of the signal that came meanwhile,
  /// once all have ended; ResourceError when one cannot be started.
  void run(const std::vector<std::vector<std::string>>& commands) const;

 private:
  Settings settings_;
};

}  // namespace kith
