#include <algorithm>
#include <array>
#include <bit>

#include "kernels/device/on_device.h"

namespace kith::kernels {
namespace {

using TableOnDevice = OnDevice;

TEST_F(TableOnDevice, HasEveryLoop) {
  using Loop = void (*)();
  using Loops = std::array<Loop, sizeof(DeviceKernels) / sizeof(Loop)>;
  EXPECT_EQ(std::ranges::count(std::bit_cast<Loops>(device_kernels()), nullptr), 0);
}

}  // namespace
}  // namespace kith::kernels
