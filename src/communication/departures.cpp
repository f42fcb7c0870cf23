#include "communication/departures.h"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

namespace kith {

Departures::Departures(const Device& device, std::size_t chunk_bytes,
                       std::function<void(const Error&)> fail)
    : fail_(std::move(fail)),
      staging_(device, chunk_bytes, kMostChunks),
      thread_([this] { serve(); }) {}

Departures::~Departures() {
  close();
  thread_.join();
}

void Departures::give(const Device& device, ByteView bytes, std::shared_ptr<const void> keep,
                      Sink sink) {
  assert(!bytes.empty());
  std::unique_ptr<DeviceEvent> ready = device_streams().event(device);
  ready->record(device);
  add({bytes, std::move(keep), std::move(ready), std::move(sink), nullptr});
}

void Departures::give(std::function<void()> job) {
  add({{}, nullptr, nullptr, nullptr, std::move(job)});
}

void Departures::add(Departure departure) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    given_.push_back(std::move(departure));
  }
  changed_.notify_one();
}

void Departures::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_one();
  staging_.close();
}

void Departures::serve() {
  try {
    while (fetch()) {
      begin_copies();
      finish_first();
    }
  } catch (const Error& error) {
    close();
    fail_(error);
  } catch (const std::exception& error) {
    close();
    fail_(Error(ExitCode::kBug, error.what()));
  }
}

/// Takes what was given; waits where nothing is left to do. False at the end.
bool Departures::fetch() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return closed_ || !given_.empty() || !departing_.empty(); });
  std::ranges::move(given_, std::back_inserter(departing_));
  given_.clear();
  return !closed_;
}

std::size_t Departures::chunk_size(const Departure& departure, std::size_t offset) const {
  return std::min(staging_.chunk_bytes(), departure.bytes.size() - offset);
}

/// As many as there are chunks for, of what leaves later too.
void Departures::begin_copies() {
  for (; begun_ < departing_.size(); ++begun_) {
    Departure& departure = departing_[begun_];
    while (departure.begun < departure.bytes.size()) {
      const bool has_turn = begun_ == 0 && coming_.empty();
      std::shared_ptr<Staging::Chunk> chunk = has_turn ? staging_.wait_for_one() : staging_.take();
      if (!chunk) return;
      if (departure.begun == 0) staging_.follow(*departure.ready);
      const std::size_t size = chunk_size(departure, departure.begun);
      staging_.read(departure.bytes.data() + departure.begun, size, *chunk);
      departure.begun += size;
      coming_.push_back(std::move(chunk));
    }
  }
}

/// The first job, or the first chunk of the first that has bytes.
void Departures::finish_first() {
  Departure& first = departing_.front();
  if (first.job) {
    first.job();
  } else if (coming_.empty()) {
    return;  // it was closed
  } else {
    const std::shared_ptr<Staging::Chunk> chunk = std::move(coming_.front());
    coming_.pop_front();
    chunk->wait();
    const std::size_t offset = first.left, size = chunk_size(first, offset);
    first.left += size;
    if (first.left == first.bytes.size()) first.keep.reset();
    first.sink(static_cast<std::uint32_t>(offset / staging_.chunk_bytes()),
               chunk->bytes().first(size), chunk);
    if (first.left < first.bytes.size()) return;
  }
  departing_.pop_front();
  --begun_;
}

}  // namespace kith
