#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

#include <string>

#include "core/error.h"
#include "model/torch/torch_cuda.h"

namespace kith {
namespace {

namespace allocator = c10::cuda::CUDACachingAllocator;

constexpr auto kAll = static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE);

/// Runs `work` and gives torch's errors our form.
template <class Work>
auto told(const Device& device, Work work) {
  try {
    return work();
  } catch (const c10::Error& error) {
    const std::string text = error.what_without_backtrace();
    throw DeviceError("cuda:" + std::to_string(device.index) + ": " +
                      text.substr(0, text.find('\n')));
  }
}

class Side final : public TorchCuda {
 public:
  void enter(const Device& device) override {
    told(device, [&] {
      const auto index = static_cast<c10::DeviceIndex>(device.index);
      c10::cuda::set_device(index);
      if (!device.stream)
        return c10::cuda::setCurrentCUDAStream(c10::cuda::getDefaultCUDAStream(index));
      c10::cuda::setCurrentCUDAStream(
          c10::cuda::getStreamFromExternal(static_cast<cudaStream_t>(device.stream), index));
    });
  }

  Memory memory(const Device& device) override {
    return told(device, [&] {
      const auto index = static_cast<c10::DeviceIndex>(device.index);
      const c10::cuda::CUDAGuard guard(index);
      std::size_t free = 0, total = 0;
      C10_CUDA_CHECK(cudaMemGetInfo(&free, &total));
      const auto stats = allocator::getDeviceStats(index);
      const auto used = static_cast<std::uint64_t>(stats.allocated_bytes[kAll].current);
      const auto reserved = static_cast<std::uint64_t>(stats.reserved_bytes[kAll].current);
      return Memory{total, free + (reserved - used), used,
                    static_cast<std::uint64_t>(stats.allocated_bytes[kAll].peak)};
    });
  }

  void forget_peak(const Device& device) override {
    told(device, [&] { allocator::resetPeakStats(static_cast<c10::DeviceIndex>(device.index)); });
  }
};

}  // namespace
}  // namespace kith

extern "C" __attribute__((visibility("default"))) kith::TorchCuda* kith_torch_cuda() {
  // As torch itself does before its first tensor on a device.
  c10::cuda::CUDACachingAllocator::init(c10::cuda::device_count());
  static kith::Side side;
  return &side;
}
