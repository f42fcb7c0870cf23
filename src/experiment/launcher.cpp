#include "experiment/launcher.h"

#include <algorithm>
#include <csignal>
#include <cstring>

#include "core/clock.h"
#include "core/text.h"

namespace kith {
namespace {

constexpr int kPoll_ms = 50;

// A sshd refuses callers when ten have not yet said who they are (MaxStartups).
constexpr std::ptrdiff_t kMostAtTheDoor = 8;

constexpr std::string_view kError = "error: ";
constexpr int kSshFailed = 255;
constexpr int kNoProgram = 127, kNotExecutable = 126;

bool is_crash(int signal) {
  constexpr int kCrashes[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};
  return std::ranges::find(kCrashes, signal) != std::end(kCrashes);
}

}  // namespace

Launcher::Launcher(std::vector<Part> parts, Settings settings) : settings_(std::move(settings)) {
  for (Part& part : parts) {
    runners_.emplace_back();
    runners_.back().part = std::move(part);
  }
}

void Launcher::run() {
  began_s_ = now_s();
  while (!is_over()) {
    start_some();
    wait();
    for (Runner& runner : runners_) {
      if (runner.child && !runner.status) attend(runner);
    }
    watch_the_clock(now_s());
  }
  conclude();
}

std::vector<std::string> Launcher::hosts_reached() const {
  std::vector<std::string> hosts;
  for (const Runner& runner : runners_) hosts.push_back(runner.is_ready ? runner.part.host : "");
  return hosts;
}

bool Launcher::is_over() const {
  return std::ranges::all_of(runners_, [&](const Runner& runner) {
    return runner.child ? runner.status.has_value() : phase_ != Phase::kRunning;
  });
}

// --- starting ------------------------------------------------------------------------------------

void Launcher::start_some() {
  if (phase_ != Phase::kRunning) return;
  for (Runner& runner : runners_) {
    if (runner.child || !may_start(runner)) continue;
    runner.child = std::make_unique<Child>(runner.part.command);
    runner.started_s = now_s();
    if (!runner.part.variables) {
      runner.is_ready = true;
      runner.child->hang_up();
    }
  }
}

bool Launcher::may_start(const Runner& runner) const {
  const bool is_first = &runner == &runners_.front();
  if (settings_.first_publishes && !is_first && rendezvous_.empty()) return false;
  return std::ranges::count_if(runners_, [&](const Runner& other) {
           return other.child && !other.is_ready && other.part.host == runner.part.host;
         }) < kMostAtTheDoor;
}

// --- listening -----------------------------------------------------------------------------------

void Launcher::wait() const {
  std::vector<pollfd> items;
  for (const Runner& runner : runners_) {
    if (runner.child) runner.child->watch(items);
  }
  ::poll(items.data(), items.size(), kPoll_ms);
}

void Launcher::attend(Runner& runner) {
  const auto hear = [&](bool is_error, std::string_view line) {
    this->hear(runner, is_error, line);
  };
  runner.child->pump(hear);
  runner.status = runner.child->ended(hear);
  if (runner.status) note_end(runner);
}

void Launcher::hear(Runner& runner, bool is_error, std::string_view line) {
  if (!is_error && is_for_launcher(runner, line)) return;
  if (is_error && line.starts_with(kError) && runner.part.variables) {
    runner.last_words = line;
  } else {
    settings_.show(is_error, '[' + runner.part.label + "] " + std::string(line));
  }
}

bool Launcher::is_for_launcher(Runner& runner, std::string_view line) {
  if (!runner.part.variables) return false;
  if (line == Launched::kReady && !runner.is_ready) {
    runner.is_ready = true;
    Variables variables = *runner.part.variables;
    if (!rendezvous_.empty()) variables.emplace_back(Launched::kRendezvous, rendezvous_);
    runner.child->say(launcher_words(variables));
    return true;
  }
  const bool is_first = &runner == &runners_.front();
  if (!is_first || !settings_.first_publishes || !rendezvous_.empty()) return false;
  const std::string start = std::string(Launched::kRendezvous) + '=';
  if (!line.starts_with(start)) return false;
  rendezvous_ = line.substr(start.size());
  return true;
}

void Launcher::note_end(Runner& runner) {
  if (!runner.last_words.empty()) show_last_words(runner);
  if (*runner.status == 0 || phase_ > Phase::kGrace) return;
  failed_.push_back(&runner);
  if (phase_ == Phase::kRunning) enter(Phase::kGrace, settings_.grace_s);
}

void Launcher::show_last_words(const Runner& runner) {
  const int status = *runner.status;
  if (told_ != 0 && status == 128 + told_) return;  // that it was stopped
  // What is wrong with a config or a file all say alike, and once is enough.
  const bool is_input =
      status == static_cast<int>(ExitCode::kUsage) || status == static_cast<int>(ExitCode::kInput);
  const bool is_new = said_.insert(runner.last_words).second;
  if (is_new || !is_input) settings_.show(true, '[' + runner.part.label + "] " + runner.last_words);
}

// --- ending --------------------------------------------------------------------------------------

void Launcher::enter(Phase phase, double limit_s) {
  phase_ = phase;
  phase_ends_s_ = now_s() + limit_s;
}

void Launcher::watch_the_clock(double now) {
  if (phase_ < Phase::kStopping) {
    if (const int signal = settings_.pending_signal(); signal != 0) {
      signal_ = signal;
      return stop(signal);
    }
    if (settings_.limit_s > 0 && now - began_s_ > settings_.limit_s) {
      late_ = "the last part did not end within " + duration_text(settings_.limit_s);
      return stop(SIGTERM);
    }
  }
  if (phase_ == Phase::kRunning) {
    for (const Runner& runner : runners_) {
      const bool is_expected = &runner == &runners_.front() && settings_.first_publishes;
      const bool is_there = runner.is_ready && (!is_expected || !rendezvous_.empty());
      if (!runner.child || is_there || now - runner.started_s <= settings_.start_limit_s) continue;
      late_ = runner.part.name + " did not start within " + duration_text(settings_.start_limit_s) +
              "; see communication.start_timeout_s";
      return stop(SIGTERM);
    }
    return;
  }
  for (Runner& runner : runners_) {
    if (runner.child && !runner.status && runner.child->stands_still()) runner.child->kill();
  }
  if (now < phase_ends_s_) return;
  if (phase_ == Phase::kGrace) return stop(SIGTERM);
  for (Runner& runner : runners_) {
    if (!runner.child || runner.status) continue;
    phase_ == Phase::kStopping ? runner.child->hang_up() : runner.child->kill();
  }
  enter(phase_ == Phase::kStopping ? Phase::kLeaving : Phase::kKilling, settings_.leave_s);
}

void Launcher::stop(int signal) {
  enter(Phase::kStopping, settings_.stop_s);
  told_ = signal;
  for (Runner& runner : runners_) {
    if (!runner.child || runner.status) continue;
    if (runner.is_ready && runner.part.variables) {
      runner.child->say("signal " + std::to_string(signal) + '\n');
    } else {
      runner.child->kill();
    }
  }
}

void Launcher::conclude() const {
  const bool all_done = std::ranges::all_of(
      runners_, [](const Runner& runner) { return runner.status && *runner.status == 0; });
  if (all_done) return;
  if (signal_ != 0) {
    const std::string word = signal_ == SIGINT ? "interrupted" : "terminated";
    throw Error(static_cast<ExitCode>(128 + signal_), word);
  }
  // Who only lost a peer is not to blame when another says more.
  const auto own_cause = [&](const Runner* r) {
    return code_of(*r) != ExitCode::kPeer || *r->status < 0;
  };
  auto blamed = std::ranges::find_if(failed_, own_cause);
  if (blamed == failed_.end()) blamed = failed_.begin();
  if (blamed != failed_.end()) throw Error(code_of(**blamed), end_of(**blamed));
  throw PeerError(late_.value_or("a part was ended"));
}

ExitCode Launcher::code_of(const Runner& runner) const {
  const int status = *runner.status;
  if (status < 0) return is_crash(-status) ? ExitCode::kBug : ExitCode::kPeer;
  if (status == kNoProgram || status == kNotExecutable) return ExitCode::kUsage;
  const bool is_ours =
      status <= static_cast<int>(ExitCode::kDevice) || status == 130 || status == 143;
  return is_ours ? static_cast<ExitCode>(status) : ExitCode::kPeer;
}

std::string Launcher::end_of(const Runner& runner) const {
  const int status = *runner.status;
  const std::string& name = runner.part.name;
  if (status < 0) {
    return name + " was killed by signal " + std::to_string(-status) + " (" + strsignal(-status) +
           "), which ended the run";
  }
  if (!runner.part.host.empty() && status == kSshFailed) {
    return name + " ended the run: no connection through ssh, or the program there was killed; " +
           "does `ssh " + runner.part.host + " true` work?";
  }
  if (status == kNoProgram || status == kNotExecutable) {
    return name + " ended the run: the program is not there; say where it is with --program";
  }
  if (!runner.last_words.empty()) {
    return name + " ended the run: " + runner.last_words.substr(kError.size());
  }
  return name + " ended the run with exit code " + std::to_string(status);
}

}  // namespace kith
