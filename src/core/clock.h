#pragma once

#include <chrono>

namespace kith {

/// Seconds on a clock that only moves forward.
inline double now_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Adds the time it lives to a sum of seconds.
class Stopwatch {
 public:
  explicit Stopwatch(double& sum_s) : sum_s_(sum_s), start_s_(now_s()) {}
  ~Stopwatch() { sum_s_ += now_s() - start_s_; }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  double& sum_s_;
  double start_s_;
};

}  // namespace kith
