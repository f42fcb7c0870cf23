#include "graph/drawing/line.h"

#include <algorithm>
#include <optional>

namespace kith {
namespace {

std::optional<double> weight_on(const MixingMatrix& w, Uid receiver, Uid sender) {
  const auto senders = w.graph.senders(receiver);
  const auto found = std::ranges::lower_bound(senders, sender);
  if (found == senders.end() || *found != sender) return {};
  return w.row(receiver)[std::size_t(found - senders.begin())];
}

}  // namespace

std::vector<Line> lines_of(const MixingMatrix& w) {
  std::vector<Line> lines;
  for (Uid i = 0; i < w.graph.nodes(); ++i) {
    const auto senders = w.graph.senders(i);
    for (std::size_t k = 0; k < senders.size(); ++k) {
      const Uid j = senders[k];
      const double weight = w.row(i)[k];
      const auto back = weight_on(w, j, i);
      if (!back) {
        lines.push_back({j, i, false, weight});
      } else if (j < i) {
        lines.push_back({j, i, true, (weight + *back) / 2});
      }
    }
  }
  return lines;
}

Point Curve::at(double t) const {
  return (1 - t) * (1 - t) * begin + 2 * t * (1 - t) * control + t * t * end;
}

Curve Curve::until(double t) const { return {begin, (1 - t) * begin + t * control, at(t)}; }

Curve Curve::short_of_end(double distance) const {
  double far = 0, near = 1;
  for (int step = 0; step < 40; ++step) {
    const double middle = (far + near) / 2;
    (length(at(middle) - end) < distance ? near : far) = middle;
  }
  return until(far);
}

}  // namespace kith
