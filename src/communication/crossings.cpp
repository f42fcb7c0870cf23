#include "communication/crossings.h"

#include <algorithm>
#include <bit>
#include <cassert>

#include "core/device_memory.h"
#include "core/error.h"

namespace kith {

/// A body, and its copy on another card.
struct Crossings::Crossed {
  ~Crossed() {
    try {
      // Who made the original may write over it then.
      if (there) there->hold(original.device());
    } catch (const DeviceError&) {
      // A card that failed writes nothing any more; whoever computes on it is told.
    }
  }

  Body original, copy;
  std::shared_ptr<DeviceEvent> there;  // when it is copied
};

class Crossings::Ferry final : public Carrier {
 public:
  explicit Ferry(Card& card) : card_(card) {}

  const Device& to() const override { return card_.device; }

  std::shared_ptr<Array> carry(ConstArrayView x) override {
    return copy(x.data, x.size * sizeof(float), x.size);
  }

  std::shared_ptr<Array> carry(const void* from, std::size_t bytes) override {
    // Messages of some methods are never twice as long as another: few sizes serve all.
    return copy(from, bytes, std::bit_ceil((bytes + sizeof(float) - 1) / sizeof(float)));
  }

 private:
  std::shared_ptr<Array> copy(const void* from, std::size_t bytes, std::size_t room) {
    const Device& filler = card_.stream->device();
    std::shared_ptr<Array> place = card_.places.take(room, filler);
    device_memory().copy(filler, from, place->data(), bytes);
    return place;
  }

  Card& card_;
};

Crossings::Crossings(std::span<const Device> cards) {
  for (const Device& card : cards) {
    cards_.push_back({card, Places(card), device_streams().stream(card)});
  }
}

Body Crossings::carry(const Body& body, const Device& to) {
  const Device from = body.device();
  const bool is_there = from.is_cpu() || to.is_cpu() || from.index == to.index;
  if (is_there || body.size() == 0) return body;
  const std::lock_guard lock(mutex_);
  std::weak_ptr<const Crossed>& known = known_[{body.owner(), to.index}];
  std::shared_ptr<const Crossed> crossed = known.lock();
  if (!crossed) {
    const auto card = std::ranges::find(cards_, to, &Card::device);
    assert(card != cards_.end());
    const Device& filler = card->stream->device();
    const std::unique_ptr<DeviceEvent> made = device_streams().event(from);
    made->record(from);
    made->hold(filler);
    const auto made_now = std::make_shared<Crossed>();
    made_now->original = body;
    made_now->there = device_streams().event(to);
    Ferry ferry(*card);
    made_now->copy = body.carried(ferry);
    made_now->there->record(filler);
    known = crossed = made_now;
    forget_the_gone();
  }
  return crossed->copy.kept_by(crossed, crossed->there);
}

void Crossings::forget_the_gone() {
  if (known_.size() <= look_at_) return;
  std::erase_if(known_, [](const auto& one) { return one.second.expired(); });
  look_at_ = 2 * known_.size() + 16;
}

}  // namespace kith
