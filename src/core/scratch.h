#pragma once

#include "core/array.h"

namespace kith {

/// Room for a vector that nobody needs beyond the function that asked: one a thread for each
/// `User`, a class's own name or a name made for it, and lost with the thread's next call for it.
template <class User>
ArrayView scratch_vector(std::size_t size, const Device& device = {}) {
  thread_local Array room;
  if (room.size() < size || room.device() != device) room = Array(size, device);
  return room.view().part(0, size);
}

}  // namespace kith
