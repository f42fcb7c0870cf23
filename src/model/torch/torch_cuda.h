#pragma once

#include <cstdint>

#include "core/array.h"

namespace kith {

/// What only torch's CUDA side can do: everything else goes through torch's ordinary tensors. The
/// plug-in libkith_cuda_torch.so hands one over (`kith_torch_cuda`), so that a process that
/// computes on CPUs maps nothing of CUDA's. Thread-safe. Each function throws DeviceError, one
/// sentence.
class TorchCuda {
 public:
  virtual ~TorchCuda() = default;

  /// From now on the calling thread's tensor work goes to device.stream, behind what is there.
  virtual void enter(const Device& device) = 0;

  /// Bytes on a card, as torch's allocator sees them.
  struct Memory {
    std::uint64_t total = 0;
    std::uint64_t available = 0;  ///< to tensors: nobody's, and what torch keeps for later
    std::uint64_t used = 0;       ///< by tensors
    std::uint64_t peak = 0;       ///< the most that tensors used since `forget_peak`
  };
  virtual Memory memory(const Device& device) = 0;
  virtual void forget_peak(const Device& device) = 0;
};

/// Throws DeviceError where torch's CUDA side was not opened.
TorchCuda& torch_cuda();

}  // namespace kith
