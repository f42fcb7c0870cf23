#pragma once

#include <initializer_list>
#include <span>

#include "kernels/grid/program.h"

namespace kith::kernels {

/// An array that a loop goes through.
struct Operand {
  const void* place;
  std::size_t element;  ///< bytes
};

/// A run of coordinates in three parts: `head` single ones, then `quads` of four that lie at
/// multiples of four elements in every array, then single ones.
struct Split {
  std::size_t head = 0;
  std::size_t quads = 0;
  std::size_t size = 0;
};

/// Where the arrays' alignments differ all coordinates are single ones.
inline Split split_of(std::size_t size, std::span<const Operand> operands) {
  const auto beyond = [](const Operand& o, std::size_t first) {
    return (reinterpret_cast<std::uintptr_t>(o.place) + first * o.element) % (4 * o.element);
  };
  for (std::size_t head = 0; head < 4 && head < size; ++head) {
    bool aligned = true;
    for (const Operand& operand : operands) aligned = aligned && beyond(operand, head) == 0;
    if (aligned) return {head, (size - head) / 4, size};
  }
  return {size, 0, size};
}

/// work.at<width>(i) does what there is to do with coordinates i .. i + width − 1, which depend on
/// no others.
///
/// Four floats are 16 bytes, the most that a thread reads at once. Each thread has one such run, so
/// that as many reads are under way as a multiprocessor holds threads; longer vectors than 2²⁶ go
/// round.
template <class Work>
struct Streaming {
  static constexpr unsigned kThreads = 256;
  static constexpr std::size_t kMostBlocks = std::size_t{1} << 16;
  static constexpr int kSteps = 1;
  struct Shared {};

  Split split;
  Work work;

  template <int step>
  KITH_INLINE void run(Place at, Shared&) const {
    const std::size_t first = at.block * kThreads + at.thread;
    const std::size_t stride = at.blocks * kThreads;
    for (std::size_t q = first; q < split.quads; q += stride) {
      work.template at<4>(split.head + 4 * q);
    }
    for (std::size_t i = first; i < split.size - 4 * split.quads; i += stride) {
      work.template at<1>(i < split.head ? i : i + 4 * split.quads);
    }
  }

  std::size_t blocks() const {
    const std::size_t single = split.size - 4 * split.quads;
    const std::size_t threads = single < split.quads ? split.quads : single;
    const std::size_t blocks = divided_up(threads, kThreads);
    return blocks < kMostBlocks ? blocks : kMostBlocks;
  }
};

/// Four coordinates at a time where the operands allow it.
template <class Queue, class Work>
void stream(Queue& queue, std::size_t size, std::span<const Operand> operands, const Work& work) {
  const Streaming<Work> program{split_of(size, operands), work};
  queue.launch(program.blocks(), program);
}

template <class Queue, class Work>
void stream(Queue& queue, std::size_t size, std::initializer_list<Operand> operands,
            const Work& work) {
  stream(queue, size, std::span(operands.begin(), operands.size()), work);
}

/// One coordinate at a time: work.at<1>(i).
template <class Queue, class Work>
void stream_single(Queue& queue, std::size_t size, const Work& work) {
  const Streaming<Work> program{{size, 0, size}, work};
  queue.launch(program.blocks(), program);
}

}  // namespace kith::kernels
