#include "experiment/signals.h"

#include <time.h>
#include <unistd.h>

#include <atomic>
#include <csignal>

namespace kith {
namespace {

// What `timeout` or a launcher sends to a process and to its group is meant once.
constexpr long kSameSignal_ms = 200;

std::atomic<bool> stops_cleanly{false};
std::atomic<int> caught{0};
std::atomic<long> caught_at_ms{0};  // 0: none
static_assert(std::atomic<long>::is_always_lock_free, "used in a signal handler");

long milliseconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
}

void note(int signal) {
  if (!stops_cleanly) _exit(128 + signal);
  const long now_ms = milliseconds();
  long first_ms = 0;
  if (caught_at_ms.compare_exchange_strong(first_ms, now_ms)) {
    caught = signal;
  } else if (now_ms - first_ms > kSameSignal_ms) {
    _exit(128 + signal);
  }
}

}  // namespace

void catch_signals() {
  struct sigaction action = {};
  action.sa_handler = note;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

void stop_cleanly() { stops_cleanly = true; }

int caught_signal() { return caught; }

}  // namespace kith
