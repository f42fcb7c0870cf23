#pragma once

#include <cstddef>
#include <cstdint>

#include "core/inline.h"

/// Kernels as programs that a device runs, and that a processor can play thread by thread, which is
/// how they are tested where there is no device.
///
/// A program says what one thread of one block does, in steps; between two steps all threads of the
/// block wait for each other. What threads of a block tell each other stands in the block's Shared,
/// which holds anything at first. A program is copied to the device as it is, so its pointers are
/// the device's.
///
///     struct Program {
///       static constexpr unsigned kThreads = 256;  // of a block
///       static constexpr int kSteps = 2;
///       struct Shared { … };
///       template <int step> KITH_INLINE void run(Place at, Shared& shared) const;
///     };
///
/// A `Queue` launches programs one behind the other:
///
///     explicit Queue(const Device&);
///     void launch(std::size_t blocks, const Program&);         // any number of blocks, 0 too
///     Room<T> room<T>(std::size_t count);                      // place(): of the device, until
///     the
///                                                              // work given so far is done
///     void zero(void* place, std::size_t bytes);
///     void read(const T* place, std::size_t count, T* to);     // to the host; waits
namespace kith::kernels {

/// Which thread this is.
struct Place {
  std::size_t block;
  std::size_t blocks;
  unsigned thread;
};

/// Adds to a number that threads share. Integers only: their sum does not depend on who came first.
KITH_INLINE void add_shared(std::uint32_t& sum, std::uint32_t number) {
#ifdef __CUDA_ARCH__
  atomicAdd(&sum, number);
#else
  sum += number;
#endif
}

/// Neighboring elements that are read and written at once.
template <class T, int width>
struct alignas(sizeof(T) * width) Lanes {
  T lane[width];
};

template <int width, class T>
KITH_INLINE Lanes<T, width> load(const T* place) {
  return *reinterpret_cast<const Lanes<T, width>*>(place);
}

template <int width, class T>
KITH_INLINE void store(const Lanes<T, width>& lanes, T* place) {
  *reinterpret_cast<Lanes<T, width>*>(place) = lanes;
}

KITH_INLINE constexpr std::size_t divided_up(std::size_t a, std::size_t b) {
  return (a + b - 1) / b;
}

}  // namespace kith::kernels
