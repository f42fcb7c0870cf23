#include "core/error.h"
#include "experiment/device.h"
#include "kernels/device/device_under_test.h"

namespace kith::kernels {

const DeviceUnderTest& device_under_test() {
  static const DeviceUnderTest device = []() -> DeviceUnderTest {
    try {
      return {open_device("cuda", 0), ""};
    } catch (const DeviceError& error) {
      return {{}, error.what()};
    }
  }();
  return device;
}

}  // namespace kith::kernels
