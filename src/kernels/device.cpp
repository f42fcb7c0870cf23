#include "kernels/device.h"

#include <atomic>

#include "core/error.h"

namespace kith::kernels {
namespace {

std::atomic<const DeviceKernels*> loops_in_use = nullptr;

}  // namespace

void set_device_kernels(const DeviceKernels* loops) { loops_in_use = loops; }

const DeviceKernels& device_kernels() {
  if (const DeviceKernels* const loops = loops_in_use) return *loops;
  throw DeviceError("no device was opened; set device to \"cpu\"");
}

}  // namespace kith::kernels
