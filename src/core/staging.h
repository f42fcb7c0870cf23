#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "core/device_stream.h"

namespace kith {

/// Pinned memory through which bytes leave a card or come to it, chunk by chunk, on a stream of its
/// own: while the card copies some chunks the host sends or receives others, and the streams of the
/// vectors compute. Chunks are made when they are needed, and kept; there are never more than
/// `most`. A chunk goes back when its last holder lets go of it, on any thread and also after the
/// Staging is gone; all but `close` is for one thread at a time. Throws DeviceError.
class Staging {
 public:
  class Chunk;

  /// For card device.index, with 1 to `most` chunks.
  Staging(const Device& device, std::size_t chunk_bytes, std::size_t most);

  /// Returns when all copies are done.
  ~Staging();

  std::size_t chunk_bytes() const { return chunk_bytes_; }

  /// With the own stream.
  const Device& device() const { return stream_->device(); }

  /// A chunk that nobody uses. Waits for the card where it still copies all that nobody holds. Null
  /// where somebody holds each of them.
  std::shared_ptr<Chunk> take();

  /// As `take`, but waits until somebody lets go of one. Null when it was closed.
  std::shared_ptr<Chunk> wait_for_one();

  /// From now on nobody waits for those who hold chunks. From any thread.
  void close();

  /// What is given to the own stream from now on begins when `mark` is reached, as it stands now.
  void follow(DeviceEvent& mark) { mark.hold(stream_->device()); }

  /// What is given to device.stream from now on begins when all that was written is there.
  void lead(const Device& device);

  /// Begins to copy `size` bytes at `from`, of the card, to the chunk.
  void read(const void* from, std::size_t size, Chunk& chunk);

  /// Begins to copy the chunk's first `size` bytes to `to`, of the card.
  void write(Chunk& chunk, std::size_t size, void* to);

 private:
  struct Shelf;

  std::size_t chunk_bytes_;
  std::size_t most_;
  std::size_t made_ = 0;
  std::unique_ptr<DeviceStream> stream_;
  std::unique_ptr<DeviceEvent> written_;
  std::shared_ptr<Shelf> shelf_;  // the chunks' too
};

class Staging::Chunk {
 public:
  Chunk(std::unique_ptr<PinnedMemory> memory, std::unique_ptr<DeviceEvent> copied)
      : memory_(std::move(memory)), copied_(std::move(copied)) {}

  std::span<std::byte> bytes() { return memory_->bytes(); }

  /// Returns when the last copy to it or from it is done.
  void wait() { copied_->wait(); }

 private:
  friend class Staging;

  std::unique_ptr<PinnedMemory> memory_;
  std::unique_ptr<DeviceEvent> copied_;
};

}  // namespace kith
