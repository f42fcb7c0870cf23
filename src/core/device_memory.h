#pragma once

#include <cstddef>

#include "core/array.h"

namespace kith {

/// The memory of devices that are no processors. Whoever opens such a device hands one of these
/// over; core itself knows none. Thread-safe. Each function throws DeviceError, one sentence, when
/// the device fails or has not enough.
class DeviceMemory {
 public:
  virtual ~DeviceMemory() = default;

  /// `bytes` > 0 zeros, aligned to 64 bytes at least, for work that is given to device.stream from
  /// now on.
  virtual void* allocate(const Device& device, std::size_t bytes) = 0;

  /// What `allocate` gave, once all work that was given to any stream and uses it is done.
  virtual void release(const Device& device, void* place) noexcept = 0;

  /// Copies within the device, or between it and the host or another device, behind what was given
  /// to device.stream. It may return before that is done, but not before memory of the host may be
  /// written (`from`) or read (`to`) again, unless that memory is pinned.
  virtual void copy(const Device& device, const void* from, void* to, std::size_t bytes) = 0;

  /// Returns when all that was given to device.stream is done.
  virtual void wait(const Device& device) = 0;
};

/// From now on arrays on devices are made by `memory`, which outlives them all.
void set_device_memory(DeviceMemory* memory);

/// Throws DeviceError where no device was opened.
DeviceMemory& device_memory();

/// Copies between any two memories; both have one size. In the order of the device's stream, of two
/// devices that of `to`; see DeviceMemory::copy.
void copy(ConstArrayView from, ArrayView to);

/// A copy of `x` in host memory, complete when it returns.
Array host_copy(ConstArrayView x);

/// The last element of `x`, which has one. Waits where x lies on a device.
float last_of(ConstArrayView x);

/// A vector where `reader`, a device or the host, can read it: itself, or a copy that lives as long
/// as this.
class ViewFrom {
 public:
  ViewFrom(ConstArrayView x, const Device& reader);
  ViewFrom(const ViewFrom&) = delete;
  ViewFrom& operator=(const ViewFrom&) = delete;

  ConstArrayView view() const { return view_; }

 private:
  Array copy_;
  ConstArrayView view_;
};

}  // namespace kith
