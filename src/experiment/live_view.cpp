#include "experiment/live_view.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/clock.h"
#include "core/text.h"

namespace kith {
namespace {

constexpr double kRedrawEvery_s = 0.1;
constexpr std::size_t kBarWidth = 16;
constexpr std::size_t kCurveWidth = 16;

std::string bar(double part) {
  const auto full = static_cast<std::size_t>(std::lround(part * kBarWidth));
  std::string text;
  for (std::size_t i = 0; i < kBarWidth; ++i) text += i < full ? "█" : "░";
  return text;
}

template <class... Values>
std::string formatted(const char* format, Values... values) {
  char text[256];
  std::snprintf(text, sizeof text, format, values...);
  return text;
}

}  // namespace

std::string sparkline(const std::vector<double>& values, std::size_t width) {
  static const char* const kBlocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  std::string text;
  for (std::size_t i = values.size() > width ? values.size() - width : 0; i < values.size(); ++i) {
    text += kBlocks[std::clamp<int>(static_cast<int>(values[i] * 8), 0, 7)];
  }
  return text;
}

LiveView::LiveView(Mode mode, std::int64_t nodes, std::int64_t rounds)
    : mode_(mode), nodes_(nodes), rounds_(rounds), started_s_(now_s()) {}

void LiveView::passed() {
  ++node_rounds_;
  if (mode_ != Mode::kTerminal) return;
  double due_s = next_redraw_s_;
  const double now = now_s();
  if (now < due_s || !next_redraw_s_.compare_exchange_strong(due_s, now + kRedrawEvery_s)) return;
  const std::lock_guard lock(mutex_);
  redraw();
}

void LiveView::evaluated(const NetworkView& view) {
  const std::lock_guard lock(mutex_);
  last_ = view;
  if (view.accuracy_mean) curve_.push_back(*view.accuracy_mean);
  if (mode_ == Mode::kTerminal) redraw();
  if (mode_ == Mode::kLines) {
    std::printf("round %lld of %lld%s\n", static_cast<long long>(view.round),
                static_cast<long long>(rounds_), status().c_str());
    std::fflush(stdout);
  }
}

std::string LiveView::status() const {
  std::string text;
  if (last_.accuracy_mean) {
    text += formatted(" · accuracy %.3f ± %.3f", *last_.accuracy_mean, last_.accuracy_std);
  } else if (std::isfinite(last_.loss_mean)) {
    text += formatted(" · loss %.4g", last_.loss_mean);
  }
  text += formatted(" · consensus distance %.2e", last_.consensus_distance);
  return text + formatted(" · %.1f MB sent", static_cast<double>(last_.bytes_sent) / 1e6);
}

void LiveView::redraw() {
  const double total =
      static_cast<double>(nodes_) * static_cast<double>(std::max<std::int64_t>(rounds_, 1));
  const double part = static_cast<double>(node_rounds_) / total;
  const double elapsed = now_s() - started_s_;
  std::string line = "\r\x1b[K" + bar(part) + formatted(" %3.0f %%", 100 * part);
  line += " · round " + std::to_string(node_rounds_ / nodes_) + '/' + std::to_string(rounds_);
  if (part > 0 && part < 1) line += " · " + duration_text(elapsed / part * (1 - part)) + " left";
  line += status() + "  " + sparkline(curve_, kCurveWidth);
  std::fputs(line.c_str(), stdout);
  std::fflush(stdout);
}

void LiveView::finish() {
  const std::lock_guard lock(mutex_);
  if (mode_ != Mode::kTerminal) return;
  redraw();
  std::fputs("\n", stdout);
}

}  // namespace kith
