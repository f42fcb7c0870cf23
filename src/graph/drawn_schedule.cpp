#include "graph/drawn_schedule.h"

#include <algorithm>

namespace kith {

Neighborhood DrawnSchedule::neighborhood(Uid node, Round round) const {
  const std::shared_ptr<Drawn> drawn = slot(round);
  // Outside the lock: whoever needs another round does not wait for this one.
  std::call_once(drawn->once, [&] { drawn->graph = draw(round); });
  return drawn->graph->neighborhood(node, round);
}

std::shared_ptr<DrawnSchedule::Drawn> DrawnSchedule::slot(Round round) const {
  const std::lock_guard lock(mutex_);
  const auto known = std::ranges::find(recent_, round, &Drawn::round);
  if (known != recent_.end()) {
    std::rotate(known, known + 1, recent_.end());
  } else {
    if (recent_.size() == kMostRounds) recent_.erase(recent_.begin());
    recent_.push_back(std::make_shared<Drawn>(round));
  }
  return recent_.back();
}

}  // namespace kith
