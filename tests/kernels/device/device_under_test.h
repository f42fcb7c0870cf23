#pragma once

#include <string>

#include "core/array.h"

namespace kith::kernels {

/// The device that this test program tests: one that a processor plays, or a card.
struct DeviceUnderTest {
  Device device;
  std::string missing;  ///< why there is none; "" if there is
};

/// Opened at the first call.
const DeviceUnderTest& device_under_test();

}  // namespace kith::kernels
