#include "core/staging.h"

#include <algorithm>
#include <cassert>

#include "core/device_memory.h"
#include "core/error.h"

namespace kith {

struct Staging::Chunk {
  std::unique_ptr<PinnedMemory> memory;
  std::unique_ptr<DeviceEvent> copied;  // what was last copied to it or from it
};

Staging::Staging(const Device& device, std::size_t chunk_bytes, std::size_t count)
    : chunk_bytes_(chunk_bytes),
      stream_(device_streams().stream(device)),
      turn_(device_streams().event(device)) {
  assert(chunk_bytes > 0 && count > 0);
  for (std::size_t k = 0; k < count; ++k) {
    chunks_.push_back(
        {device_streams().pinned(device, chunk_bytes), device_streams().event(device)});
  }
}

Staging::~Staging() {
  try {
    device_memory().wait(stream_->device());
  } catch (const DeviceError&) {
    // A card that failed copies nothing any more; whoever computes on it is told.
  }
}

void Staging::follow(const Device& device) {
  turn_->record(device);
  turn_->hold(stream_->device());
}

Staging::Chunk& Staging::chunk_at(std::size_t offset) {
  return chunks_[offset / chunk_bytes_ % chunks_.size()];
}

void Staging::read(const Device& device, const void* from, std::size_t size, const Sink& sink) {
  follow(device);
  const auto size_at = [&](std::size_t offset) { return std::min(chunk_bytes_, size - offset); };
  const auto begin = [&](std::size_t offset) {
    Chunk& chunk = chunk_at(offset);
    device_memory().copy(stream_->device(), static_cast<const std::byte*>(from) + offset,
                         chunk.memory->bytes().data(), size_at(offset));
    chunk.copied->record(stream_->device());
  };
  const std::size_t ahead = chunks_.size() * chunk_bytes_;
  try {
    for (std::size_t offset = 0; offset < std::min(ahead, size); offset += chunk_bytes_) {
      begin(offset);
    }
    for (std::size_t offset = 0; offset < size; offset += chunk_bytes_) {
      Chunk& chunk = chunk_at(offset);
      chunk.copied->wait();
      sink(offset, chunk.memory->bytes().first(size_at(offset)));
      if (size > ahead && offset < size - ahead) begin(offset + ahead);
    }
  } catch (...) {
    // The vector may go with the exception, but not while it is read.
    device_memory().wait(stream_->device());
    throw;
  }
}

void Staging::write(const Device& device, void* to, std::size_t size, const Source& source) {
  follow(device);
  for (std::size_t offset = 0; offset < size; offset += chunk_bytes_) {
    Chunk& chunk = chunk_at(offset);
    const std::span<std::byte> bytes =
        chunk.memory->bytes().first(std::min(chunk_bytes_, size - offset));
    chunk.copied->wait();
    source(offset, bytes);
    device_memory().copy(stream_->device(), bytes.data(), static_cast<std::byte*>(to) + offset,
                         bytes.size());
    chunk.copied->record(stream_->device());
  }
  turn_->record(stream_->device());
  turn_->hold(device);
}

}  // namespace kith
