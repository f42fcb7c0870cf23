#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "communication/launched.h"
#include "core/error.h"
#include "experiment/child.h"

namespace kith {

/// Runs programs side by side as one: starts them, shows what they print, each line with the name
/// of who printed it, and when one fails ends the others. They are told nothing on their command
/// line; see Launched for what is said on their standard input.
class Launcher {
 public:
  /// One of the programs.
  struct Part {
    std::string label;  ///< stands before each of its lines: "2" gives "[2] …"
    std::string name;   ///< in sentences: "process 2 (10.0.0.3)"
    std::string host;   ///< "" for this one; others are reached through ssh
    std::vector<std::string> command;
    /// What a `kith run` is told once it says that it is ready. Another program is told nothing.
    std::optional<Variables> variables;
  };

  /// Where lines go, without their newline.
  using Show = std::function<void(bool is_error, const std::string& line)>;

  struct Settings {
    bool first_publishes = false;  ///< the others start when the first says where it listens
    double start_limit_s = 60;     ///< until a part is ready, and until the first has published
    double limit_s = 0;            ///< then all are ended; 0 for never
    // When one has failed the others have `grace_s` to find out and say why. Then they are told to
    // stop, after `stop_s` their input is closed, and after `leave_s` they are killed.
    double grace_s = 3, stop_s = 5, leave_s = 1;
    std::function<int()> pending_signal = [] { return 0; };
    Show show;
  };

  Launcher(std::vector<Part> parts, Settings settings);

  /// Returns when all parts are done. Throws Error with the exit code of the part that failed first
  /// by a cause of its own (a lost peer is none), or of the signal that stopped the launcher.
  void run();

  /// By part its host, "" where nothing started there.
  std::vector<std::string> hosts_reached() const;

 private:
  /// What happens to the parts that run.
  enum class Phase : std::uint8_t {
    kRunning,
    kGrace,     // one has failed: the others may find out why, and say it
    kStopping,  // they were told to stop
    kLeaving,   // their input was closed
    kKilling,
  };

  struct Runner {
    Part part;
    std::unique_ptr<Child> child;  // null before it starts
    double started_s = 0;
    bool is_ready = false;
    std::optional<int> status;  // once it has ended
    std::string last_words;     // its error, shown when it has ended
  };

  bool is_over() const;
  void start_some();
  bool may_start(const Runner& runner) const;
  void wait() const;
  void attend(Runner& runner);
  void hear(Runner& runner, bool is_error, std::string_view line);
  bool is_for_launcher(Runner& runner, std::string_view line);
  void note_end(Runner& runner);
  void show_last_words(const Runner& runner);
  void watch_the_clock(double now);
  void enter(Phase phase, double limit_s);
  void stop(int signal);
  void conclude() const;
  ExitCode code_of(const Runner& runner) const;
  std::string end_of(const Runner& runner) const;

  std::vector<Runner> runners_;
  Settings settings_;
  double began_s_ = 0;
  std::string rendezvous_;
  Phase phase_ = Phase::kRunning;
  double phase_ends_s_ = 0;
  int signal_ = 0;                     // that stopped the launcher
  int told_ = 0;                       // that the parts were sent
  std::vector<const Runner*> failed_;  // in order, before the others were stopped
  std::set<std::string> said_;         // errors that were shown
  std::optional<std::string> late_;    // who did not start in time
};

}  // namespace kith
