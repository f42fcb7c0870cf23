#pragma once

#include <cstddef>
#include <memory>

#include "core/array.h"
#include "core/device_stream.h"

namespace kith {

/// Arrays of a card that one stream fills and another uses. They are used again when the work of
/// their last holder is done, which may be long after he let go of them. Thread-safe; what it gave
/// out may outlive it. Throws DeviceError.
class Places {
 public:
  /// For those who use them on device.stream.
  explicit Places(const Device& device);

  /// An array of any content. What is given to filler.stream, of the same card, from now on comes
  /// behind all work that used it.
  std::shared_ptr<Array> take(std::size_t size, const Device& filler);

 private:
  struct Place;
  struct Shelf;

  const Device device_;
  std::shared_ptr<Shelf> shelf_;  // the arrays' too
};

}  // namespace kith
