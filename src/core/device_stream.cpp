#include "core/device_stream.h"

#include <atomic>

#include "core/error.h"

namespace kith {
namespace {

std::atomic<DeviceStreams*> streams_in_use = nullptr;

}  // namespace

void set_device_streams(DeviceStreams* streams) { streams_in_use = streams; }

DeviceStreams& device_streams() {
  if (DeviceStreams* const streams = streams_in_use) return *streams;
  throw DeviceError("no device was opened; set device to \"cpu\"");
}

}  // namespace kith
