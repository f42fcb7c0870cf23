#include "core/device_memory.h"

#include <algorithm>
#include <atomic>
#include <cassert>

#include "core/error.h"

namespace kith {
namespace {

std::atomic<DeviceMemory*> memory_in_use = nullptr;

bool on_host(const Device& device) { return device.kind == Device::Kind::kCpu; }

}  // namespace

void set_device_memory(DeviceMemory* memory) { memory_in_use = memory; }

DeviceMemory& device_memory() {
  if (DeviceMemory* const memory = memory_in_use) return *memory;
  throw DeviceError("no device was opened; set device to \"cpu\"");
}

void copy(ConstArrayView from, ArrayView to) {
  assert(from.size == to.size);
  if (from.size == 0) return;
  const bool from_host = on_host(from.device), to_host = on_host(to.device);
  if (from_host && to_host) {
    std::copy(from.begin(), from.end(), to.begin());
    return;
  }
  device_memory().copy(to_host ? from.device : to.device, from.data, to.data,
                       from.size * sizeof(float));
}

}  // namespace kith
