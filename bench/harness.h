#pragma once

#include <time.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <span>
#include <vector>

#include "core/clock.h"

namespace kith::bench {

/// The least time of a call of each function, in seconds: what the machine can do, whatever else
/// it was doing. The functions take turns for `budget_s` seconds in all, at least five times each,
/// so that a slow phase of a shared machine meets all of them and ratios hold. Each turn is two
/// calls, of which the second is timed: it finds in the caches what the function itself left there.
inline std::vector<double> fastest_s(std::span<const std::function<void()>> functions,
                                     double budget_s) {
  constexpr int kLeastTurns = 5;
  std::vector<double> fastest(functions.size(), std::numeric_limits<double>::infinity());
  const double end_s = now_s() + budget_s;
  for (int turn = 0; turn < kLeastTurns || now_s() < end_s; ++turn) {
    for (std::size_t i = 0; i < functions.size(); ++i) {
      functions[i]();
      const double start_s = now_s();
      functions[i]();
      fastest[i] = std::min(fastest[i], now_s() - start_s);
    }
  }
  return fastest;
}

/// Seconds of processor that this process has used, all threads together: what work costs, whatever
/// else the machine is doing.
inline double cpu_s() {
  timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return double(time.tv_sec) + 1e-9 * double(time.tv_nsec);
}

inline double median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

}  // namespace kith::bench
