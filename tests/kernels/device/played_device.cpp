#include <cstdlib>
#include <cstring>

#include "core/device_memory.h"
#include "kernels/device/device_under_test.h"
#include "kernels/device/played_queue.h"
#include "kernels/grid/kernels.h"

namespace kith::kernels {
namespace {

class PlayedMemory final : public DeviceMemory {
 public:
  void* allocate(const Device&, std::size_t bytes) override {
    return std::memset(std::aligned_alloc(256, (bytes + 255) / 256 * 256), 0, bytes);
  }
  void release(const Device&, void* place) noexcept override { std::free(place); }
  void copy(const Device&, const void* from, void* to, std::size_t bytes) override {
    std::memcpy(to, from, bytes);
  }
  void wait(const Device&) override {}
};

DeviceKernels played_kernels() {
  DeviceKernels loops;
  set_mixing<PlayedQueue>(loops);
  set_elementwise<PlayedQueue>(loops);
  set_sparse<PlayedQueue>(loops);
  set_reductions<PlayedQueue>(loops);
  set_matrices<PlayedQueue>(loops);
  set_bits<PlayedQueue>(loops);
  set_modulo<PlayedQueue>(loops);
  return loops;
}

}  // namespace

const DeviceUnderTest& device_under_test() {
  static PlayedMemory memory;
  static const DeviceKernels loops = played_kernels();
  static const DeviceUnderTest device = [] {
    set_device_memory(&memory);
    set_device_kernels(&loops);
    return DeviceUnderTest{{Device::Kind::kCuda, 0, nullptr}, ""};
  }();
  return device;
}

}  // namespace kith::kernels
