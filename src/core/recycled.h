#pragma once

#include <memory>
#include <vector>

#include "core/sole_owner.h"

namespace kith {

/// Objects that are used again when nobody else holds them any more, with the room they have by
/// then. For one thread at a time; what it gave out may outlive it.
template <class T>
class Recycled {
 public:
  /// One that nobody holds, in whatever state its last holder left it; else T(arguments …).
  template <class... Arguments>
  std::shared_ptr<T> take(const Arguments&... arguments) {
    for (const std::shared_ptr<T>& known : known_) {
      if (is_sole_owner(known)) return known;
    }
    return known_.emplace_back(std::make_shared<T>(arguments...));
  }

 private:
  std::vector<std::shared_ptr<T>> known_;
};

}  // namespace kith
