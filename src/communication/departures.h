#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "core/array.h"
#include "core/error.h"
#include "core/staging.h"

namespace kith {

/// What leaves a process's cards for other processes: chunk by chunk through pinned memory, each as
/// soon as it is there, while the next are copied. Whoever gives something waits neither for the
/// card nor for the network: a thread of its own does, which calls what it was given in the order
/// it was given. Chunks that are on their way stay in pinned memory, of which there is a bound:
/// then nothing leaves until one has gone.
class Departures {
 public:
  static constexpr std::size_t kMostChunks = 32;

  /// Takes chunk `number` = 0, 1, …; its bytes are there while somebody has `keep`.
  using Sink = std::function<void(std::uint32_t number, ByteView chunk,
                                  const std::shared_ptr<const void>& keep)>;

  /// Copies on a stream of `device`, one of the cards. `fail` is told why nothing leaves any more,
  /// once at most.
  Departures(const Device& device, std::size_t chunk_bytes, std::function<void(const Error&)> fail);
  ~Departures();

  /// Gives `sink` the `bytes`, at least one, of `device` as they stand when what was given to
  /// device.stream so far is done. Has `keep` until they are copied. From any thread.
  void give(const Device& device, ByteView bytes, std::shared_ptr<const void> keep, Sink sink);

  /// Calls `job` when all that was given before has left. From any thread.
  void give(std::function<void()> job);

  /// What has not left stays. Waits for nothing. From any thread.
  void close();

 private:
  /// Bytes, or a job.
  struct Departure {
    ByteView bytes;
    std::shared_ptr<const void> keep;
    std::unique_ptr<DeviceEvent> ready;  // when the bytes are what they should be
    Sink sink;
    std::function<void()> job;
    std::size_t begun = 0, left = 0;  // so many bytes
  };

  void add(Departure departure);
  void serve();
  bool fetch();
  void begin_copies();
  void finish_first();
  std::size_t chunk_size(const Departure& departure, std::size_t offset) const;

  const std::function<void(const Error&)> fail_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Departure> given_;
  bool closed_ = false;

  // The thread's own. Staging goes first: vectors may go when none is copied any more.
  std::deque<Departure> departing_;
  std::size_t begun_ = 0;  // so many of these are copied, or will be without more chunks
  std::deque<std::shared_ptr<Staging::Chunk>> coming_;  // of those, in order
  Staging staging_;
  std::thread thread_;
};

}  // namespace kith
