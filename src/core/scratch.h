#pragma once

#include <span>

#include "core/buffer.h"
#include "core/per_device.h"

namespace kith {

/// Room for a vector that nobody needs beyond the function that asked: one a thread and device for
/// each `User`, a class's own name or a name made for it, and lost with the thread's next call for
/// it: so not to be kept across a co_await, nor a call of somebody with the same name.
template <class User>
ArrayView scratch_vector(std::size_t size, const Device& device = {}) {
  struct Room {
    explicit Room(const Device& where) : array(0, where) {}
    Array array;
  };
  thread_local PerDevice<Room> rooms;
  Array& room = rooms.of(device).array;
  if (room.size() < size) room = Array(size, device);
  return room.view().part(0, size);
}

/// The same for numbers of any kind. It may be made larger.
template <class User, class T>
Buffer<T>& scratch_buffer(const Device& device = {}) {
  thread_local PerDevice<Buffer<T>> rooms;
  return rooms.of(device);
}

/// So many of them.
template <class User, class T>
std::span<T> scratch_numbers(std::size_t size, const Device& device = {}) {
  Buffer<T>& room = scratch_buffer<User, T>(device);
  if (room.size() < size) room.resize(size);
  return room.span().first(size);
}

}  // namespace kith
