#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "core/device_stream.h"

namespace kith {

/// Takes vectors off a device and puts them on it, in chunks through pinned memory and on a stream
/// of its own: while the card copies some chunks, the host sends or receives another, and the
/// streams of the vectors compute. For one thread at a time.
class Staging {
 public:
  /// Bytes `offset` and following of a vector, to be taken during the call.
  using Sink = std::function<void(std::size_t offset, std::span<const std::byte> chunk)>;

  /// The same, to be filled during the call.
  using Source = std::function<void(std::size_t offset, std::span<std::byte> chunk)>;

  static constexpr std::size_t kChunkBytes = std::size_t{4} << 20;

  /// For card device.index, with `count` >= 1 chunks under way. Throws DeviceError.
  explicit Staging(const Device& device, std::size_t chunk_bytes = kChunkBytes,
                   std::size_t count = 3);
  ~Staging();

  /// Gives `sink` the `size` bytes at `from` chunk by chunk, in order, as they stand when what was
  /// given to device.stream so far is done.
  void read(const Device& device, const void* from, std::size_t size, const Sink& sink);

  /// Puts at `to` what `source` fills in chunk by chunk, in order, behind what was given to
  /// device.stream so far. It may return before that is done; what is given to device.stream from
  /// then on sees it.
  void write(const Device& device, void* to, std::size_t size, const Source& source);

 private:
  struct Chunk;

  /// The own stream goes on when what was given to device.stream is done.
  void follow(const Device& device);
  Chunk& chunk_at(std::size_t offset);

  std::size_t chunk_bytes_;
  std::unique_ptr<DeviceStream> stream_;
  std::unique_ptr<DeviceEvent> turn_;
  std::vector<Chunk> chunks_;
};

}  // namespace kith
