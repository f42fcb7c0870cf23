#pragma once

#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "core/device_memory.h"
#include "core/device_stream.h"

namespace kith {

/// A stream that is played by the processor, as late as it may be: nothing of it happens before
/// somebody waits. Whoever forgets to finds what was there before.
class PlayedStream final : public DeviceStream {
 public:
  explicit PlayedStream(int index) : device_{Device::Kind::kCuda, index, this} {}
  ~PlayedStream() override { work_until(given_); }

  const Device& device() const override { return device_; }

  void give(std::function<void()> work) {
    works_.push_back(std::move(work));
    ++given_;
  }
  std::size_t given() const { return given_; }
  bool done(std::size_t count) const { return done_ >= count; }

  /// The first `count` works of all.
  void work_until(std::size_t count) {
    while (done_ < count) {
      const std::function<void()> work = std::move(works_.front());
      works_.pop_front();
      ++done_;
      work();
    }
  }

  /// Null for the first stream of a device, whose work is done at once.
  static PlayedStream* of(const Device& device) {
    return static_cast<PlayedStream*>(device.stream);
  }

 private:
  Device device_;
  std::deque<std::function<void()>> works_;
  std::size_t given_ = 0;
  std::size_t done_ = 0;
};

class PlayedEvent final : public DeviceEvent {
 public:
  void record(const Device& device) override {
    mark_.stream = PlayedStream::of(device);
    mark_.count = mark_.stream ? mark_.stream->given() : 0;
  }

  void hold(const Device& device) override {
    PlayedStream* const stream = PlayedStream::of(device);
    const Mark mark = mark_;
    if (stream == mark.stream) return;
    if (stream) {
      stream->give([mark] { mark.reach(); });
    } else {
      mark.reach();
    }
  }

  bool reached() override { return !mark_.stream || mark_.stream->done(mark_.count); }
  void wait() override { mark_.reach(); }

 private:
  struct Mark {
    PlayedStream* stream = nullptr;
    std::size_t count = 0;
    void reach() const {
      if (stream) stream->work_until(count);
    }
  };
  Mark mark_;
};

/// Where pinned memory begins, and its size.
inline std::map<const std::byte*, std::size_t>& played_pinned_memory() {
  static std::map<const std::byte*, std::size_t> memory;
  return memory;
}

class PlayedPinned final : public PinnedMemory {
 public:
  explicit PlayedPinned(std::size_t size) : bytes_(size, std::byte{0xa5}) {
    played_pinned_memory()[bytes_.data()] = size;
  }
  ~PlayedPinned() override { played_pinned_memory().erase(bytes_.data()); }

  std::span<std::byte> bytes() override { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

class PlayedStreams final : public DeviceStreams {
 public:
  std::unique_ptr<DeviceStream> stream(const Device& device) override {
    return std::make_unique<PlayedStream>(device.index);
  }
  std::unique_ptr<DeviceEvent> event(const Device&) override {
    return std::make_unique<PlayedEvent>();
  }
  std::unique_ptr<PinnedMemory> pinned(const Device&, std::size_t size) override {
    return std::make_unique<PlayedPinned>(size);
  }
};

/// Copies between device and host take their time only where the host's memory is pinned.
class PlayedMemory final : public DeviceMemory {
 public:
  void* allocate(const Device&, std::size_t bytes) override {
    void* const place = std::aligned_alloc(256, (bytes + 255) / 256 * 256);
    places_[static_cast<std::byte*>(place)] = bytes;
    return std::memset(place, 0, bytes);
  }
  void release(const Device&, void* place) noexcept override {
    places_.erase(static_cast<std::byte*>(place));
    std::free(place);
  }
  void copy(const Device& device, const void* from, void* to, std::size_t bytes) override {
    PlayedStream* const stream = PlayedStream::of(device);
    const auto work = [=] { std::memcpy(to, from, bytes); };
    if (!stream) return work();
    stream->give(work);
    if (!may_take_time(from) || !may_take_time(to)) stream->work_until(stream->given());
  }
  void wait(const Device& device) override {
    if (PlayedStream* const stream = PlayedStream::of(device)) stream->work_until(stream->given());
  }

 private:
  bool may_take_time(const void* place) const {
    return contains(places_, place) || contains(played_pinned_memory(), place);
  }

  static bool contains(const std::map<const std::byte*, std::size_t>& runs, const void* place) {
    const auto* const byte = static_cast<const std::byte*>(place);
    const auto behind = runs.upper_bound(byte);
    if (behind == runs.begin()) return false;
    const auto& [begin, size] = *std::prev(behind);
    return byte < begin + size;
  }

  std::map<const std::byte*, std::size_t> places_;
};

}  // namespace kith
