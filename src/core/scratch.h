#pragma once

#include <optional>
#include <span>

#include "core/buffer.h"

namespace kith {

/// Room for a vector that nobody needs beyond the function that asked: one a thread for each
/// `User`, a class's own name or a name made for it, and lost with the thread's next call for it:
/// so not to be kept across a co_await, nor a call of somebody with the same name. A thread works
/// on one device; were it to change, each change would take new room.
template <class User>
ArrayView scratch_vector(std::size_t size, const Device& device = {}) {
  thread_local Array room;
  if (room.size() < size || room.device() != device) room = Array(size, device);
  return room.view().part(0, size);
}

/// The same for numbers of any kind. It may be made larger.
template <class User, class T>
Buffer<T>& scratch_buffer(const Device& device = {}) {
  thread_local std::optional<Buffer<T>> room;
  if (!room || room->device() != device) room.emplace(device);
  return *room;
}

/// So many of them.
template <class User, class T>
std::span<T> scratch_numbers(std::size_t size, const Device& device = {}) {
  Buffer<T>& room = scratch_buffer<User, T>(device);
  if (room.size() < size) room.resize(size);
  return room.span().first(size);
}

}  // namespace kith
