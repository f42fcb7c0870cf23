#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <map>
#include <mutex>
#include <new>

namespace kith {

/// What devices were asked for so far.
struct PlayedCounts {
  std::atomic<std::size_t> launches = 0;
  std::atomic<std::size_t> reads = 0;      ///< of kernels' results, each of which waits
  std::atomic<std::size_t> bytes_off = 0;  ///< copied to the host
  std::atomic<std::size_t> bytes_on = 0;   ///< and from there
};

inline PlayedCounts& played_counts() {
  static PlayedCounts counts;
  return counts;
}

/// What a played device has for memory: pages that nobody may touch, but who plays the device's
/// work meanwhile. A host that reads or writes a vector of a device by itself ends there at once.
class PlayedPages {
 public:
  /// While one lives, its thread and all others may.
  class Access {
   public:
    Access() { pages().open(); }
    ~Access() { pages().shut(); }
    Access(const Access&) = delete;
    Access& operator=(const Access&) = delete;
  };

  static PlayedPages& pages() {
    static PlayedPages pages;
    return pages;
  }

  void* allocate(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    const std::size_t size = whole_pages(bytes);
    void* const place = mmap(nullptr, size, rights(), MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (place == MAP_FAILED) throw std::bad_alloc();
    sizes_[static_cast<std::byte*>(place)] = size;
    return place;
  }

  void release(void* place) {
    const std::lock_guard lock(mutex_);
    const auto known = sizes_.find(static_cast<std::byte*>(place));
    munmap(place, known->second);
    sizes_.erase(known);
  }

  bool contains(const void* place) const {
    const std::lock_guard lock(mutex_);
    const auto* const byte = static_cast<const std::byte*>(place);
    const auto behind = sizes_.upper_bound(const_cast<std::byte*>(byte));
    if (behind == sizes_.begin()) return false;
    const auto& [begin, size] = *std::prev(behind);
    return byte < begin + size;
  }

 private:
  static std::size_t whole_pages(std::size_t bytes) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    return (bytes + page - 1) / page * page;
  }

  int rights() const { return open_ > 0 ? PROT_READ | PROT_WRITE : PROT_NONE; }

  void open() {
    const std::lock_guard lock(mutex_);
    if (open_++ == 0) protect();
  }
  void shut() {
    const std::lock_guard lock(mutex_);
    if (--open_ == 0) protect();
  }
  void protect() const {
    for (const auto& [place, size] : sizes_) mprotect(place, size, rights());
  }

  mutable std::mutex mutex_;
  std::map<std::byte*, std::size_t> sizes_;  // by where it begins
  int open_ = 0;
};

}  // namespace kith
