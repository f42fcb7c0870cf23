#include "core/staging.h"

#include <cassert>
#include <condition_variable>
#include <deque>
#include <mutex>

#include "core/device_memory.h"
#include "core/error.h"

namespace kith {

/// The chunks that nobody holds, the one that came back first in front.
struct Staging::Shelf {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::unique_ptr<Chunk>> chunks;
  bool closed = false;
};

Staging::Staging(const Device& device, std::size_t chunk_bytes, std::size_t most)
    : chunk_bytes_(chunk_bytes),
      most_(most),
      stream_(device_streams().stream(device)),
      written_(device_streams().event(device)),
      shelf_(std::make_shared<Shelf>()) {
  assert(chunk_bytes > 0 && most > 0);
}

Staging::~Staging() {
  try {
    device_memory().wait(stream_->device());
  } catch (const DeviceError&) {
    // A card that failed copies nothing any more; whoever computes on it is told.
  }
}

std::shared_ptr<Staging::Chunk> Staging::take() {
  std::unique_ptr<Chunk> chunk;
  const bool may_make = made_ < most_;
  {
    const std::lock_guard lock(shelf_->mutex);
    auto& chunks = shelf_->chunks;
    if (!chunks.empty() && (!may_make || chunks.front()->copied_->reached())) {
      chunk = std::move(chunks.front());
      chunks.pop_front();
    }
  }
  if (!chunk) {
    if (!may_make) return nullptr;
    const Device& device = stream_->device();
    chunk = std::make_unique<Chunk>(device_streams().pinned(device, chunk_bytes_),
                                    device_streams().event(device));
    ++made_;
  }
  chunk->wait();
  return {chunk.release(), [shelf = shelf_](Chunk* used) {
            std::unique_ptr<Chunk> back(used);
            {
              const std::lock_guard lock(shelf->mutex);
              shelf->chunks.push_back(std::move(back));
            }
            shelf->changed.notify_one();
          }};
}

std::shared_ptr<Staging::Chunk> Staging::wait_for_one() {
  for (;;) {
    if (auto chunk = take()) return chunk;
    std::unique_lock lock(shelf_->mutex);
    shelf_->changed.wait(lock, [this] { return shelf_->closed || !shelf_->chunks.empty(); });
    if (shelf_->closed) return nullptr;
  }
}

void Staging::close() {
  {
    const std::lock_guard lock(shelf_->mutex);
    shelf_->closed = true;
  }
  shelf_->changed.notify_one();
}

void Staging::lead(const Device& device) {
  written_->record(stream_->device());
  written_->hold(device);
}

void Staging::read(const void* from, std::size_t size, Chunk& chunk) {
  assert(size <= chunk_bytes_);
  device_memory().copy(stream_->device(), from, chunk.bytes().data(), size);
  chunk.copied_->record(stream_->device());
}

void Staging::write(Chunk& chunk, std::size_t size, void* to) {
  assert(size <= chunk_bytes_);
  device_memory().copy(stream_->device(), chunk.bytes().data(), to, size);
  chunk.copied_->record(stream_->device());
}

}  // namespace kith
