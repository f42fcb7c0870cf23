#include "communication/landing.h"

#include <cassert>
#include <deque>
#include <map>
#include <mutex>

#include "core/error.h"

namespace kith {
namespace {

constexpr std::size_t kUnderWay = 3;  // chunks that the card copies while others are received
// A run has vectors of one size or two. Those of further ones are not kept.
constexpr std::size_t kMostSizes = 4;

}  // namespace

/// A vector, and when it is free again: a stream may be far behind who lets go of the vector.
struct Landing::Place {
  std::unique_ptr<Array> vector;
  std::unique_ptr<DeviceEvent> used;
};

struct Landing::Shelf {
  std::mutex mutex;
  std::map<std::size_t, std::deque<std::unique_ptr<Place>>> places;  // by size

  /// The one that was let go first; null where there is none.
  std::unique_ptr<Place> take(std::size_t size) {
    const std::lock_guard lock(mutex);
    const auto found = places.find(size);
    if (found == places.end() || found->second.empty()) return nullptr;
    std::unique_ptr<Place> place = std::move(found->second.front());
    found->second.pop_front();
    return place;
  }

  void put_back(std::unique_ptr<Place> place) {
    const std::size_t size = place->vector->size();
    const std::lock_guard lock(mutex);
    if (places.contains(size) || places.size() < kMostSizes) {
      places[size].push_back(std::move(place));
    }
  }
};

Landing::Landing(const Device& device, std::size_t chunk_bytes, std::size_t at_once)
    : device_(device),
      shelf_(std::make_shared<Shelf>()),
      staging_(device, chunk_bytes, at_once + kUnderWay) {}

std::shared_ptr<Array> Landing::take(std::size_t size) {
  std::unique_ptr<Place> place = shelf_->take(size);
  if (place) {
    staging_.follow(*place->used);
  } else {
    // Its zeros come before the first chunk, and not behind all that nodes were given.
    place = std::make_unique<Place>();
    place->vector = std::make_unique<Array>(size, device_, staging_.device());
    place->used = device_streams().event(device_);
  }
  const std::shared_ptr<Place> lent(place.release(), [shelf = shelf_](Place* used) {
    std::unique_ptr<Place> back(used);
    try {
      back->used->record(back->vector->device());
      shelf->put_back(std::move(back));
    } catch (const DeviceError&) {
      // A card that failed has no further use for it; whoever computes on it is told.
    }
  });
  return {lent, lent->vector.get()};
}

std::shared_ptr<Staging::Chunk> Landing::chunk() {
  std::shared_ptr<Staging::Chunk> chunk = staging_.take();
  assert(chunk);
  return chunk;
}

}  // namespace kith
