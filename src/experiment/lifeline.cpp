#include "experiment/lifeline.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <optional>
#include <string>
#include <thread>

namespace kith {
namespace {

constexpr std::chrono::seconds kFarewell{3};

/// The next line, or nothing when the other end is closed.
std::optional<std::string> read_line(int descriptor) {
  std::string line;
  for (;;) {
    char c = 0;
    const ssize_t count = ::read(descriptor, &c, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count != 1) return std::nullopt;
    if (c == '\n') return line;
    line += c;
  }
}

/// 15 for "signal 15", 0 for what is no such line.
int signal_of(const std::string& line) {
  constexpr std::string_view kWord = "signal ";
  int signal = 0;
  if (line.starts_with(kWord)) {
    std::from_chars(line.data() + kWord.size(), line.data() + line.size(), signal);
  }
  return signal == SIGINT || signal == SIGTERM ? signal : 0;
}

void follow(int lifeline) {
  int sent = 0;
  while (const std::optional<std::string> line = read_line(lifeline)) {
    if (const int signal = signal_of(*line); signal != 0) {
      sent = signal;
      ::kill(::getpid(), signal);
    }
  }
  if (sent == 0) {
    sent = SIGTERM;
    ::kill(::getpid(), SIGTERM);
    std::this_thread::sleep_for(kFarewell);
  }
  _exit(128 + sent);
}

}  // namespace

void follow_launcher(int lifeline) {
  ::prctl(PR_SET_PDEATHSIG, SIGCONT);  // a process that was stopped could not even read that
  std::thread(follow, lifeline).detach();
}

}  // namespace kith
