#pragma once

#include <memory>
#include <vector>

#include "core/sole_owner.h"

namespace kith {

/// Objects that are used again when nobody else holds them any more, with the room they have by
/// then. It keeps what others hold, and one more: what was needed once, because many waited to be
/// heard, does not stay. For one thread at a time; what it gave out may outlive it.
template <class T>
class Recycled {
 public:
  /// One that nobody holds, in whatever state its last holder left it; else T(arguments …).
  template <class... Arguments>
  std::shared_ptr<T> take(const Arguments&... arguments) {
    std::shared_ptr<T> found;
    int spare = 0;
    std::erase_if(known_, [&](const std::shared_ptr<T>& known) {
      if (!is_sole_owner(known)) return false;
      if (found) return ++spare > 1;
      found = known;
      return false;
    });
    return found ? found : known_.emplace_back(std::make_shared<T>(arguments...));
  }

 private:
  std::vector<std::shared_ptr<T>> known_;
};

}  // namespace kith
