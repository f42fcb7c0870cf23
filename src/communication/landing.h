#pragma once

#include <cstddef>
#include <memory>

#include "communication/places.h"
#include "core/array.h"
#include "core/staging.h"

namespace kith {

/// Where vectors of other processes come to a card: chunk by chunk through pinned memory, each
/// copied while the next is received and nodes compute. For one thread, but vectors are let go on
/// any, also after this is gone. Throws DeviceError.
class Landing {
 public:
  /// For vectors that nodes use on device.stream. So many chunks at a time are in the hands of
  /// those who receive.
  Landing(const Device& device, std::size_t chunk_bytes, std::size_t at_once);

  /// A vector of any content. What comes is put there when all is done that was given to its stream
  /// and used it: nothing else is waited for.
  std::shared_ptr<Array> take(std::size_t size) { return places_.take(size, staging_.device()); }

  /// Where a chunk can be received.
  std::shared_ptr<Staging::Chunk> chunk();

  /// Puts the first `size` bytes of a chunk at `to`, of the card.
  void put(Staging::Chunk& chunk, std::size_t size, void* to) { staging_.write(chunk, size, to); }

  /// What is given to device.stream from now on finds all that was put.
  void hand_over(const Device& device) { staging_.lead(device); }

 private:
  Places places_;
  Staging staging_;  // goes first: nothing is copied any more
};

}  // namespace kith
