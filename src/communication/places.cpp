#include "communication/places.h"

#include <deque>
#include <map>
#include <mutex>

#include "core/error.h"

namespace kith {
namespace {

// A run has vectors of one size or two, and parts of messages. Those of further sizes are not kept.
constexpr std::size_t kMostSizes = 16;

}  // namespace

/// An array, and when it is free again: a stream may be far behind who lets go of the array.
struct Places::Place {
  std::unique_ptr<Array> array;
  std::unique_ptr<DeviceEvent> used;
};

struct Places::Shelf {
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
    const std::size_t size = place->array->size();
    const std::lock_guard lock(mutex);
    if (places.contains(size) || places.size() < kMostSizes) {
      places[size].push_back(std::move(place));
    }
  }
};

Places::Places(const Device& device) : device_(device), shelf_(std::make_shared<Shelf>()) {}

std::shared_ptr<Array> Places::take(std::size_t size, const Device& filler) {
  std::unique_ptr<Place> place = shelf_->take(size);
  if (place) {
    place->used->hold(filler);
  } else {
    // Its zeros come before what fills it, and not behind all that its users were given.
    place = std::make_unique<Place>();
    place->array = std::make_unique<Array>(size, device_, filler);
    place->used = device_streams().event(device_);
  }
  const std::shared_ptr<Place> lent(place.release(), [shelf = shelf_](Place* used) {
    std::unique_ptr<Place> back(used);
    try {
      back->used->record(back->array->device());
      shelf->put_back(std::move(back));
    } catch (const DeviceError&) {
      // A card that failed has no further use for it; whoever computes on it is told.
    }
  });
  return {lent, lent->array.get()};
}

}  // namespace kith
