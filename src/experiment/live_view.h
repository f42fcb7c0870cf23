#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace kith {

/// The network after an evaluated round, as people see it.
struct NetworkView {
  std::int64_t round = 0;
  std::optional<double> accuracy_mean;
  double accuracy_std = 0;
  double loss_mean = 0;
  double consensus_distance = 0;
  std::uint64_t bytes_sent = 0;
};

/// Shows how a run goes. On a terminal: one line that is redrawn, with a bar, the time left and a
/// curve of the accuracy. Elsewhere: a line for each evaluation. Thread-safe.
class LiveView {
 public:
  enum class Mode : std::uint8_t { kQuiet, kLines, kTerminal };

  LiveView(Mode mode, std::int64_t nodes, std::int64_t rounds);

  /// One node has done one more round.
  void passed();

  void evaluated(const NetworkView& view);

  /// Ends the redrawn line.
  void finish();

 private:
  void redraw();
  std::string status() const;

  Mode mode_;
  std::int64_t nodes_;
  std::int64_t rounds_;
  double started_s_;
  std::atomic<std::int64_t> node_rounds_{0};
  std::atomic<double> next_redraw_s_{0};
  std::mutex mutex_;
  NetworkView last_;
  std::vector<double> curve_;
};

/// Values between 0 and 1 as a line of blocks, the last `width` of them.
std::string sparkline(const std::vector<double>& values, std::size_t width);

}  // namespace kith
