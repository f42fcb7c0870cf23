#include "experiment/device.h"

#include <gtest/gtest.h>

namespace kith {
namespace {

TEST(DeviceChoice, IsTheProcessorOrACard) {
  EXPECT_EQ(device_choice("cpu")->kind, Device::Kind::kCpu);
  EXPECT_EQ(device_choice("cuda")->kind, Device::Kind::kCuda);
  EXPECT_EQ(device_choice("cuda")->index, 0);
  EXPECT_EQ(device_choice("cuda:11")->index, 11);
  EXPECT_EQ(device_choice("cuda:auto")->kind, Device::Kind::kCuda);
  EXPECT_FALSE(device_choice("cuda:auto")->index.has_value());
}

TEST(DeviceChoice, IsNothingElse) {
  for (const char* const text : {"", "gpu", "CUDA", "cpu ", "cuda:", "cuda:-1", "cuda:1x",
                                 "cuda: 1", "cuda:99999999999", "cudauto"}) {
    EXPECT_FALSE(device_choice(text).has_value()) << text;
  }
}

TEST(OpenDevice, TheProcessorIsAlwaysThere) {
  EXPECT_EQ(open_device("cpu", 3).kind, Device::Kind::kCpu);
}

}  // namespace
}  // namespace kith
