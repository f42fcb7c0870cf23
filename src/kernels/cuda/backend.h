#pragma once

#include <cstddef>
#include <string>

#include "core/device_memory.h"
#include "core/device_stream.h"
#include "kernels/device.h"

namespace kith::kernels {

/// A card, as its driver describes it.
struct CardInfo {
  std::string name;
  std::size_t memory_bytes = 0;
  std::size_t free_bytes = 0;
  int major = 0, minor = 0;  ///< compute capability
};

/// What libkith_cuda.so brings. It is loaded only where a config asks for a GPU, so that a process
/// that computes on processors has nothing of CUDA in it. Thread-safe; functions throw DeviceError,
/// one sentence that says why.
class CudaBackend {
 public:
  virtual ~CudaBackend() = default;

  /// How many cards this process sees: one at least, or it throws.
  virtual int count() = 0;

  /// Of card `index` < count().
  virtual CardInfo info(int index) = 0;

  /// Card `index` and its default stream, tried out with a first kernel.
  virtual Device open(int index) = 0;

  /// From now on card `reader` reads the memory of card `other` by itself, where the machine can;
  /// else what goes from one to the other goes through the host.
  virtual void let_read(int reader, int other) = 0;

  virtual DeviceMemory& memory() = 0;
  virtual DeviceStreams& streams() = 0;
  virtual const DeviceKernels& kernels() = 0;
};

/// The one function that the library exports, and its name.
using CudaEntry = CudaBackend*();
inline constexpr char kCudaEntry[] = "kith_cuda";

}  // namespace kith::kernels
