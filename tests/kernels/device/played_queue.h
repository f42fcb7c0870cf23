#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <type_traits>
#include <utility>

#include "core/array.h"
#include "kernels/device/played_memory.h"
#include "kernels/device/played_streams.h"
#include "kernels/grid/program.h"

namespace kith::kernels {

/// A device that is played by the processor, thread by thread: programs (kernels/grid/program.h)
/// run step by step, as they do between the barriers of a device; on a stream that is not the
/// device's first as late as they may. Memory that nobody wrote holds garbage.
class PlayedQueue {
 public:
  explicit PlayedQueue(const Device& device) : stream_(PlayedStream::of(device)) {}

  /// There until the work that was given before it went is done.
  template <class T>
  class Room {
   public:
    Room(const PlayedQueue& queue, std::size_t count)
        : queue_(queue), data_(std::make_unique_for_overwrite<T[]>(count)) {
      std::memset(static_cast<void*>(data_.get()), kGarbage, count * sizeof(T));
    }
    ~Room() {
      queue_.give([data = std::move(data_)] {});
    }
    Room(const Room&) = delete;
    Room& operator=(const Room&) = delete;

    T* place() const { return data_.get(); }

   private:
    const PlayedQueue& queue_;
    std::shared_ptr<T[]> data_;
  };

  template <class T>
  Room<T> room(std::size_t count) {
    return Room<T>(*this, count);
  }

  void zero(void* place, std::size_t bytes) {
    give([=] {
      const PlayedPages::Access access;
      std::memset(place, 0, bytes);
    });
  }

  template <class T>
  void read(const T* place, std::size_t count, T* to) {
    if (stream_) {
      const PlayedLock lock(played_mutex());
      stream_->works()->work();
    }
    const PlayedPages::Access access;
    std::copy_n(place, count, to);
  }

  template <class Program>
  void launch(std::size_t blocks, const Program& program) {
    static_assert(std::is_trivially_copyable_v<Program> && sizeof(Program) <= 4096,
                  "what a launch carries to a device");
    static_assert(sizeof(typename Program::Shared) <= 48 * 1024, "what a block may share");
    static_assert(Program::kThreads <= 1024);
    give([=] { play_all(blocks, program); });
  }

 private:
  static constexpr int kGarbage = 0xa5;

  template <class Work>
  void give(Work work) const {
    if (!stream_) return work();
    const PlayedLock lock(played_mutex());
    stream_->works()->give(std::move(work));
  }

  template <class Program>
  static void play_all(std::size_t blocks, const Program& program) {
    const PlayedPages::Access access;
    for (std::size_t block = 0; block < blocks; ++block) {
      typename Program::Shared shared;
      if constexpr (!std::is_empty_v<typename Program::Shared>) {
        std::memset(static_cast<void*>(&shared), kGarbage, sizeof shared);
      }
      play(program, block, blocks, shared, std::make_integer_sequence<int, Program::kSteps>{});
    }
  }

  template <class Program, int... step>
  static void play(const Program& program, std::size_t block, std::size_t blocks,
                   typename Program::Shared& shared, std::integer_sequence<int, step...>) {
    (play_step<step>(program, block, blocks, shared), ...);
  }

  /// The last thread first: what a program promises depends on no order.
  template <int step, class Program>
  static void play_step(const Program& program, std::size_t block, std::size_t blocks,
                        typename Program::Shared& shared) {
    for (unsigned thread = Program::kThreads; thread-- > 0;) {
      program.template run<step>({block, blocks, thread}, shared);
    }
  }

  PlayedStream* stream_;  // null: the device's first, whose work is done at once
};

}  // namespace kith::kernels
