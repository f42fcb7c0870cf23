#include "kernels/device/device_under_test.h"
#include "kernels/device/played_queue.h"
#include "kernels/device/played_streams.h"
#include "kernels/grid/kernels.h"

namespace kith::kernels {
namespace {

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
  static PlayedStreams streams;
  static const DeviceKernels loops = played_kernels();
  static const DeviceUnderTest device = [] {
    set_device_memory(&memory);
    set_device_streams(&streams);
    set_device_kernels(&loops);
    return DeviceUnderTest{
        {Device::Kind::kCuda, 0, nullptr}, "", Device{Device::Kind::kCuda, 1, nullptr}};
  }();
  return device;
}

}  // namespace kith::kernels
