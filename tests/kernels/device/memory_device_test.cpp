#include "kernels/device/on_device.h"

namespace kith::kernels {
namespace {

using MemoryOnDevice = OnDevice;

TEST_F(MemoryOnDevice, ArraysOnADeviceBeginWithZerosAndKeepWhatIsCopied) {
  Array array(1'003, device());
  EXPECT_EQ(array.view().device.kind, Device::Kind::kCuda);
  Array back = random_array(1'003, 1);
  copy(array.view(), back.view());
  device_memory().wait(device());
  EXPECT_TRUE(same_bits(back.view(), Array(1'003).view()));

  const Array numbers = random_array(1'003, 2);
  Array other(1'003, device());
  copy(numbers.view(), array.view());
  copy(array.view(), other.view());
  copy(other.view(), back.view());
  device_memory().wait(device());
  EXPECT_TRUE(same_bits(back.view(), numbers.view()));
}

TEST_F(MemoryOnDevice, PoolsGiveArraysOfTheirDeviceAgain) {
  for (const std::size_t size : {1'000, 1'000'000}) {
    ArrayPool pool(size, device());
    const float* place = nullptr;
    {
      const std::shared_ptr<Array> first = pool.take();
      EXPECT_EQ(first->view().device.kind, Device::Kind::kCuda);
      EXPECT_EQ(first->size(), size);
      place = first->data();
    }
    EXPECT_EQ(pool.take()->data(), place);
  }
}

}  // namespace
}  // namespace kith::kernels
