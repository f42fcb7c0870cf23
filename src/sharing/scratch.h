#pragma once

#include "core/array.h"

namespace kith {

/// Room for a vector that nobody needs beyond the function that asked: one a thread for each
/// `place`, lost with the thread's next call for it.
template <int place = 0>
ArrayView scratch_vector(std::size_t size) {
  thread_local Array room;
  if (room.size() < size) room = Array(size);
  return room.view().part(0, size);
}

}  // namespace kith
