#pragma once

#include <algorithm>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "core/executor.h"

namespace kith {

/// What fibers wait for, where it is a matter of a state under a lock. Thread-safe.
class Condition {
 public:
  class Until;

  /// Held by whoever looks at the state or changes it.
  std::mutex mutex;

  /// Has those go on whose time has come. Called under the lock, after a change.
  inline void changed();

 private:
  std::vector<Until*> waiting_;
};

/// `co_await` one to go on when `holds()`, which is asked under the lock.
class Condition::Until final : public Wait {
 public:
  Until(Condition& condition, std::function<bool()> holds, std::string what)
      : condition_(condition), holds_(std::move(holds)), what_(std::move(what)) {}

  std::string describe() const override { return what_; }

 protected:
  bool subscribe(Fiber& fiber) override {
    const std::lock_guard lock(condition_.mutex);
    if (holds_()) return false;
    fiber_ = &fiber;
    condition_.waiting_.push_back(this);
    return true;
  }

  bool unsubscribe() override {
    const std::lock_guard lock(condition_.mutex);
    std::erase(condition_.waiting_, this);
    return holds_();
  }

 private:
  friend class Condition;

  Condition& condition_;
  std::function<bool()> holds_;
  std::string what_;
  Fiber* fiber_ = nullptr;
};

inline void Condition::changed() {
  std::erase_if(waiting_, [](Until* until) {
    if (!until->holds_()) return false;
    until->fiber_->wake();
    return true;
  });
}

}  // namespace kith
