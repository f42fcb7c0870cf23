#include "experiment/signals.h"

#include <unistd.h>

#include <atomic>
#include <csignal>

namespace kith {
namespace {

std::atomic<int> caught{0};
static_assert(std::atomic<int>::is_always_lock_free, "used in a signal handler");

void note(int signal) {
  if (caught.exchange(signal) != 0) _exit(128 + signal);
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

int caught_signal() { return caught; }

}  // namespace kith
