#include "core/error.h"
#include "experiment/device.h"
#include "kernels/device/device_under_test.h"

namespace kith::kernels {

namespace {

std::optional<Device> second_card() {
  try {
    return open_devices("cuda:0,1", 0)[1];
  } catch (const DeviceError&) {
    return std::nullopt;
  }
}

}  // namespace

const DeviceUnderTest& device_under_test() {
  static const DeviceUnderTest device = []() -> DeviceUnderTest {
    try {
      return {open_devices("cuda", 0).front(), "", second_card()};
    } catch (const DeviceError& error) {
      return {{}, error.what(), std::nullopt};
    }
  }();
  return device;
}

}  // namespace kith::kernels
