#include "core/error.h"
#include "experiment/device.h"
#include "kernels/device/device_under_test.h"

namespace kith::kernels {

const DeviceUnderTest& device_under_test() {
  static const DeviceUnderTest device = []() -> DeviceUnderTest {
    try {
      const std::vector<Device> cards = open_devices("cuda:all", 0);
      std::optional<Device> second;
      if (cards.size() > 1) second = cards[1];
      return {cards[0], "", second};
    } catch (const DeviceError& error) {
      return {{}, error.what(), std::nullopt};
    }
  }();
  return device;
}

}  // namespace kith::kernels
