#include "core/device_memory.h"

#include <algorithm>
#include <atomic>
#include <cassert>

#include "core/error.h"

namespace kith {
namespace {

std::atomic<DeviceMemory*> memory_in_use = nullptr;

}  // namespace

void set_device_memory(DeviceMemory* memory) { memory_in_use = memory; }

DeviceMemory& device_memory() {
  if (DeviceMemory* const memory = memory_in_use) return *memory;
  throw DeviceError("no device was opened; set device to \"cpu\"");
}

void copy(ConstArrayView from, ArrayView to) {
  assert(from.size == to.size);
  if (from.size == 0) return;
  const bool from_host = from.device.is_cpu(), to_host = to.device.is_cpu();
  if (from_host && to_host) {
    std::copy(from.begin(), from.end(), to.begin());
    return;
  }
  device_memory().copy(to_host ? from.device : to.device, from.data, to.data,
                       from.size * sizeof(float));
}

Array host_copy(ConstArrayView x) {
  Array here(x.size);
  copy(x, here.view());
  if (!x.device.is_cpu()) device_memory().wait(x.device);
  return here;
}

float last_of(ConstArrayView x) { return *ViewFrom(x.part(x.size - 1, 1), Device{}).view().data; }

ViewFrom::ViewFrom(ConstArrayView x, const Device& reader) : view_(x) {
  if (x.device.is_cpu() == reader.is_cpu()) return;
  if (reader.is_cpu()) {
    copy_ = host_copy(x);
  } else {
    copy_ = Array(x.size, reader);
    copy(x, copy_.view());
  }
  view_ = copy_.view();
}

}  // namespace kith
