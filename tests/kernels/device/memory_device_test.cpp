#include "core/device_stream.h"
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

TEST_F(MemoryOnDevice, IsCopiedFromOneCardToAnother) {
  if (!device_under_test().second) GTEST_SKIP() << "NOT CHECKED: there is one card only";
  const Device other = *device_under_test().second;
  for (const std::size_t size : {1u, 1'003u, 3'000'000u}) {
    const Array numbers = random_array(size, size);
    Array here(size, device()), there(size, other), again(size, device()), back(size);
    const auto made = device_streams().event(device()), copied = device_streams().event(other);
    copy(numbers.view(), here.view());
    made->record(device());
    made->hold(other);
    copy(here.view(), there.view());
    copied->record(other);
    copied->hold(device());
    copy(there.view(), again.view());
    copy(again.view(), back.view());
    device_memory().wait(device());
    EXPECT_TRUE(same_bits(back.view(), numbers.view())) << size;
  }
}

// As what leaves a process of several cards does.
TEST_F(MemoryOnDevice, IsCopiedToPinnedMemoryByAnotherCardsStream) {
  if (!device_under_test().second) GTEST_SKIP() << "NOT CHECKED: there is one card only";
  const Device other = *device_under_test().second;
  const Array numbers = random_array(100'003, 1);
  Array there(numbers.size(), other);
  const auto made = device_streams().event(other);
  const auto stream = device_streams().stream(device());
  const auto pinned = device_streams().pinned(device(), numbers.size() * sizeof(float));
  copy(numbers.view(), there.view());
  made->record(other);
  made->hold(stream->device());
  const std::span<std::byte> bytes = pinned->bytes();
  device_memory().copy(stream->device(), there.data(), bytes.data(), bytes.size());
  device_memory().wait(stream->device());
  EXPECT_EQ(std::memcmp(bytes.data(), numbers.data(), bytes.size()), 0);
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
