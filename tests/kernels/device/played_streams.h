#pragma once

#include <algorithm>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "core/device_memory.h"
#include "core/device_stream.h"
#include "kernels/device/played_memory.h"

namespace kith {

/// Of all that is played: streams, marks and pinned memory may be used from any thread.
inline std::recursive_mutex& played_mutex() {
  static std::recursive_mutex mutex;
  return mutex;
}

using PlayedLock = std::lock_guard<std::recursive_mutex>;

/// A stream that is played by the processor, as late as it may be: nothing of it happens before
/// somebody waits. Whoever forgets to finds what was there before.
class PlayedStream final : public DeviceStream {
 public:
  /// Outlives the stream where marks refer to it.
  struct Works {
    std::deque<std::function<void()>> waiting;
    std::size_t given = 0;
    std::size_t done = 0;

    void give(std::function<void()> work) {
      waiting.push_back(std::move(work));
      ++given;
    }

    /// All there are.
    void work() { work_until(given); }

    /// The first `count` works of all.
    void work_until(std::size_t count) {
      while (done < count) {
        const std::function<void()> work = std::move(waiting.front());
        waiting.pop_front();
        ++done;
        work();
      }
    }
  };

  explicit PlayedStream(int index) : device_{Device::Kind::kCuda, index, this} {
    const PlayedLock lock(played_mutex());
    all().push_back(works_);
  }
  ~PlayedStream() override {
    const PlayedLock lock(played_mutex());
    works_->work();
    std::erase_if(all(), [this](const auto& one) { return one == works_; });
  }

  /// Those of every stream there is.
  static std::vector<std::shared_ptr<Works>>& all() {
    static std::vector<std::shared_ptr<Works>> all;
    return all;
  }

  const Device& device() const override { return device_; }
  const std::shared_ptr<Works>& works() const { return works_; }

  /// Null for the first stream of a device, whose work is done at once.
  static PlayedStream* of(const Device& device) {
    return static_cast<PlayedStream*>(device.stream);
  }

 private:
  Device device_;
  std::shared_ptr<Works> works_ = std::make_shared<Works>();
};

class PlayedEvent final : public DeviceEvent {
 public:
  void record(const Device& device) override {
    const PlayedLock lock(played_mutex());
    const PlayedStream* const stream = PlayedStream::of(device);
    mark_.works = stream ? stream->works() : nullptr;
    mark_.count = stream ? stream->works()->given : 0;
  }

  void hold(const Device& device) override {
    const PlayedLock lock(played_mutex());
    const PlayedStream* const stream = PlayedStream::of(device);
    const Mark mark = mark_;
    if (!stream) {
      mark.reach();
    } else if (stream->works() != mark.works) {
      stream->works()->give([mark] { mark.reach(); });
    }
  }

  bool reached() override {
    const PlayedLock lock(played_mutex());
    return !mark_.works || mark_.works->done >= mark_.count;
  }
  void wait() override {
    const PlayedLock lock(played_mutex());
    mark_.reach();
  }

 private:
  struct Mark {
    std::shared_ptr<PlayedStream::Works> works;
    std::size_t count = 0;
    void reach() const {
      if (works) works->work_until(count);
    }
  };
  Mark mark_;
};

/// The pinned memory there is.
struct PlayedPins {
  std::map<const std::byte*, std::size_t> sizes;  ///< by where it begins
  std::size_t bytes = 0;
  std::size_t most_bytes = 0;  ///< at any time since somebody set it
};

inline PlayedPins& played_pins() {
  static PlayedPins pins;
  return pins;
}

class PlayedPinned final : public PinnedMemory {
 public:
  explicit PlayedPinned(std::size_t size) : bytes_(size, std::byte{0xa5}) {
    const PlayedLock lock(played_mutex());
    PlayedPins& pins = played_pins();
    pins.sizes[bytes_.data()] = size;
    pins.bytes += size;
    pins.most_bytes = std::max(pins.most_bytes, pins.bytes);
  }
  ~PlayedPinned() override {
    const PlayedLock lock(played_mutex());
    played_pins().sizes.erase(bytes_.data());
    played_pins().bytes -= bytes_.size();
  }

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

/// Bytes that were copied from devices to the host so far.
inline std::size_t& played_bytes_off() {
  static std::size_t bytes = 0;
  return bytes;
}

/// Copies between device and host take their time only where the host's memory is pinned.
class PlayedMemory final : public DeviceMemory {
 public:
  void* allocate(const Device& device, std::size_t bytes) override {
    void* const place = PlayedPages::pages().allocate(bytes);
    // Those of the first stream are zeros as they come.
    if (PlayedStream* const stream = PlayedStream::of(device)) {
      const PlayedLock lock(played_mutex());
      const auto fill = [place, bytes](int byte) {
        const PlayedPages::Access access;
        std::memset(place, byte, bytes);
      };
      fill(0xa5);
      stream->works()->give([fill] { fill(0); });
    }
    return place;
  }
  void release(const Device&, void* place) noexcept override {
    {
      const PlayedLock lock(played_mutex());
      const auto all = PlayedStream::all();
      for (const auto& works : all) works->work();
    }
    PlayedPages::pages().release(place);
  }
  void copy(const Device& device, const void* from, void* to, std::size_t bytes) override {
    const PlayedLock lock(played_mutex());
    if (!PlayedPages::pages().contains(to)) played_bytes_off() += bytes;
    PlayedStream* const stream = PlayedStream::of(device);
    const auto work = [=] {
      const PlayedPages::Access access;
      std::memcpy(to, from, bytes);
    };
    if (!stream) return work();
    stream->works()->give(work);
    if (!may_take_time(from) || !may_take_time(to)) wait(device);
  }
  void wait(const Device& device) override {
    const PlayedLock lock(played_mutex());
    const PlayedStream* const stream = PlayedStream::of(device);
    if (stream) stream->works()->work();
  }

 private:
  static bool may_take_time(const void* place) {
    return PlayedPages::pages().contains(place) || is_pinned(place);
  }

  static bool is_pinned(const void* place) {
    const auto* const byte = static_cast<const std::byte*>(place);
    const auto& sizes = played_pins().sizes;
    const auto behind = sizes.upper_bound(byte);
    if (behind == sizes.begin()) return false;
    const auto& [begin, size] = *std::prev(behind);
    return byte < begin + size;
  }
};

}  // namespace kith
