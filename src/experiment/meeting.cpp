#include "experiment/meeting.h"

#include <algorithm>

namespace kith {

Meeting::Meeting(std::vector<Uid> uids, const Members& members)
    : uids_(std::move(uids)), members_(members), met_(uids_.size()) {}

std::uint32_t& Meeting::met(Uid uid) {
  return met_[static_cast<std::size_t>(std::ranges::lower_bound(uids_, uid) - uids_.begin())];
}

bool Meeting::arrive(Uid uid) {
  const std::lock_guard lock(mutex_);
  ++met(uid);
  return ++present_ == static_cast<std::int64_t>(met_.size());
}

Meeting::Parting Meeting::parting(Uid uid) {
  const std::lock_guard lock(mutex_);
  return Parting(*this, met(uid));
}

void Meeting::part() {
  const std::lock_guard lock(mutex_);
  present_ = 0;
  ++parted_;
  for (Fiber* fiber : waiting_) {
    if (fiber) fiber->wake();
  }
  waiting_.clear();
}

std::string Meeting::missing() const {
  const std::lock_guard lock(mutex_);
  const auto late = std::ranges::find(met_, parted_);
  if (late == met_.end()) return "the evaluation";
  return members_.name(uids_[static_cast<std::size_t>(late - met_.begin())]) +
         " to come to the evaluation";
}

bool Meeting::Parting::subscribe(Fiber& fiber) {
  const std::lock_guard lock(meeting_.mutex_);
  if (meeting_.parted_ >= number_) return false;
  place_ = meeting_.waiting_.size();
  meeting_.waiting_.push_back(&fiber);
  waits_ = true;
  return true;
}

bool Meeting::Parting::unsubscribe() {
  const std::lock_guard lock(meeting_.mutex_);
  const bool over = meeting_.parted_ >= number_;
  if (waits_ && !over) meeting_.waiting_[place_] = nullptr;
  return over;
}

}  // namespace kith
