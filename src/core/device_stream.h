#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "core/array.h"

/// What a device does side by side, and who waits for whom. Each function throws DeviceError, one
/// sentence, when the device fails or has not enough.
namespace kith {

/// A further queue of work on a card. Views with its device are worked on in its order, beside what
/// other streams do.
class DeviceStream {
 public:
  /// When all that was given to it is done.
  virtual ~DeviceStream() = default;

  virtual const Device& device() const = 0;
};

/// A mark in a stream of a card. Reached as long as it is in none.
class DeviceEvent {
 public:
  virtual ~DeviceEvent() = default;

  /// From now on it is reached when what was given to device.stream so far is done.
  virtual void record(const Device& device) = 0;

  /// What is given to device.stream from now on begins when the mark is reached, as it stands now.
  virtual void hold(const Device& device) = 0;

  virtual bool reached() = 0;

  /// Returns when it is reached. The thread sleeps meanwhile.
  virtual void wait() = 0;
};

/// Memory of the host that a card reads and writes by itself: DeviceMemory::copy returns at once.
class PinnedMemory {
 public:
  /// All work that uses it must be done.
  virtual ~PinnedMemory() = default;

  virtual std::span<std::byte> bytes() = 0;
};

/// Who makes them. Whoever opens a device hands one over; core itself knows none. Thread-safe.
class DeviceStreams {
 public:
  virtual ~DeviceStreams() = default;

  /// Of card device.index, as the others.
  virtual std::unique_ptr<DeviceStream> stream(const Device& device) = 0;
  virtual std::unique_ptr<DeviceEvent> event(const Device& device) = 0;

  /// `size` > 0 bytes of any content, aligned to 64.
  virtual std::unique_ptr<PinnedMemory> pinned(const Device& device, std::size_t size) = 0;
};

/// From now on streams are made by `streams`, which outlives them all.
void set_device_streams(DeviceStreams* streams);

/// Throws DeviceError where no device was opened.
DeviceStreams& device_streams();

}  // namespace kith
