#include <stdexcept>

#include "core/staging.h"
#include "kernels/device/on_device.h"

namespace kith {
namespace {

using kernels::Floats;
using kernels::floats;
using kernels::held;
using kernels::random_array;
using kernels::same;

class StreamsOnDevice : public kernels::OnDevice {
 protected:
  /// On a stream of its own `array` becomes `numbers`, and the host does not wait for it.
  struct Busy {
    Array before, array;
    std::unique_ptr<DeviceStream> stream;  // goes first, and its work with it
  };
  Busy becoming(const Array& numbers) {
    Busy busy{Array(numbers.size(), device()), Array(numbers.size(), device()),
              device_streams().stream(device())};
    copy(numbers.view(), busy.before.view());
    device_memory().wait(device());
    copy_on(*busy.stream, busy.before, busy.array);
    return busy;
  }

  static void copy_on(const DeviceStream& stream, const Array& from, Array& to) {
    if (from.size() == 0) return;
    device_memory().copy(stream.device(), from.data(), to.data(), from.size() * sizeof(float));
  }

  static std::vector<float> on_host(const Array& array, const Device& device) {
    std::vector<float> numbers(array.size());
    if (array.size() == 0) return numbers;
    device_memory().copy(device, array.data(), numbers.data(), array.size() * sizeof(float));
    device_memory().wait(device);
    return numbers;
  }
};

TEST_F(StreamsOnDevice, AStreamThatIsHeldBeginsWhenTheMarkIsReached) {
  const Array numbers = random_array(1'000'003, 1);
  Busy busy = becoming(numbers);
  const auto other = device_streams().stream(device());
  const auto event = device_streams().event(device());
  EXPECT_TRUE(event->reached());
  event->record(busy.stream->device());
  event->hold(other->device());
  Array copied(numbers.size(), device());
  device_memory().wait(device());
  copy_on(*other, busy.array, copied);
  EXPECT_TRUE(same(on_host(copied, other->device()), floats(numbers.view())));
  EXPECT_TRUE(event->reached());
}

TEST_F(StreamsOnDevice, WhoWaitsForAMarkFindsTheWorkBeforeItDone) {
  const Array numbers = random_array(1'003, 1);
  Busy busy = becoming(numbers);
  const auto memory = device_streams().pinned(device(), numbers.size() * sizeof(float));
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(memory->bytes().data()) % alignof(float), 0u);
  device_memory().copy(busy.stream->device(), busy.array.data(), memory->bytes().data(),
                       memory->bytes().size());
  const auto event = device_streams().event(device());
  event->record(busy.stream->device());
  event->wait();
  EXPECT_TRUE(event->reached());
  std::vector<float> found(numbers.size());
  std::memcpy(found.data(), memory->bytes().data(), memory->bytes().size());
  EXPECT_TRUE(same(found, floats(numbers.view())));
}

constexpr std::size_t kChunk = 4096;

/// Around whole chunks, and around as many as are under way at once.
constexpr std::size_t kCounts[] = {0, 1, 1023, 1024, 1025, 2048, 3072, 3073, 50'001};

TEST_F(StreamsOnDevice, StagingTakesOffADeviceWhatItsStreamMadeThere) {
  for (const std::size_t under_way : {1, 2, 3}) {
    Staging staging(device(), kChunk, under_way);
    for (const std::size_t count : kCounts) {
      const Array numbers = random_array(count, count);
      Busy busy = becoming(numbers);
      std::vector<float> found(count);
      std::size_t next = 0;
      staging.read(busy.stream->device(), busy.array.data(), 4 * count,
                   [&](std::size_t offset, std::span<const std::byte> chunk) {
                     EXPECT_EQ(offset, next);
                     EXPECT_LE(chunk.size(), kChunk);
                     next += chunk.size();
                     std::memcpy(reinterpret_cast<std::byte*>(found.data()) + offset, chunk.data(),
                                 chunk.size());
                   });
      EXPECT_EQ(next, 4 * count);
      EXPECT_TRUE(same(found, floats(numbers.view()))) << count << ", " << under_way;
    }
  }
}

TEST_F(StreamsOnDevice, StagingPutsOnADeviceWhatItsStreamFindsThere) {
  for (const std::size_t under_way : {1, 2, 3}) {
    Staging staging(device(), kChunk, under_way);
    for (const std::size_t count : kCounts) {
      const Array numbers = random_array(count, count);
      // What its stream had to do with the place before is over by then.
      Busy busy = becoming(random_array(count, 99));
      staging.write(busy.stream->device(), busy.array.data(), 4 * count,
                    [&](std::size_t offset, std::span<std::byte> chunk) {
                      std::memcpy(chunk.data(),
                                  reinterpret_cast<const std::byte*>(numbers.data()) + offset,
                                  chunk.size());
                    });
      Array copied(count, device());
      device_memory().wait(device());
      copy_on(*busy.stream, busy.array, copied);
      EXPECT_TRUE(same(on_host(copied, busy.stream->device()), floats(numbers.view())))
          << count << ", " << under_way;
    }
  }
}

TEST_F(StreamsOnDevice, StagingGoesOnAfterASinkThatFailed) {
  Staging staging(device(), kChunk, 2);
  const Array numbers = random_array(50'001, 1);
  Busy busy = becoming(numbers);
  const auto fail = [](std::size_t offset, std::span<const std::byte>) {
    if (offset == kChunk) throw std::runtime_error("the peer is gone");
  };
  EXPECT_THROW(staging.read(busy.stream->device(), busy.array.data(), 200'004, fail),
               std::runtime_error);
  std::vector<std::byte> found;
  staging.read(busy.stream->device(), busy.array.data(), 200'004,
               [&](std::size_t, std::span<const std::byte> chunk) {
                 found.insert(found.end(), chunk.begin(), chunk.end());
               });
  ASSERT_EQ(found.size(), 200'004u);
  EXPECT_EQ(std::memcmp(found.data(), numbers.data(), found.size()), 0);
}

}  // namespace
}  // namespace kith
