#pragma once

#include <optional>
#include <string>

#include "core/array.h"

namespace kith::kernels {

/// The device that this test program tests: one that a processor plays, or a card.
struct DeviceUnderTest {
  Device device;
  std::string missing;           ///< why there is none; "" if there is
  std::optional<Device> second;  ///< another one beside it
};

/// Opened at the first call.
const DeviceUnderTest& device_under_test();

}  // namespace kith::kernels
