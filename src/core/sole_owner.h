#pragma once

#include <memory>

namespace kith {

/// Whether nobody else holds what `pointer` holds, so that it may be written: all that other owners
/// did with it was before. (`use_count` alone reads the count without order.)
template <class T>
bool is_sole_owner(const std::shared_ptr<T>& pointer) {
  if (pointer.use_count() != 1) return false;
  // Counting up is an acquire in libstdc++, and comes after the release of who last counted down.
  const std::shared_ptr<T> acquire = pointer;
  return true;
}

}  // namespace kith
