#include <algorithm>
#include <deque>
#include <thread>

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

/// The own stream of `staging` goes on when what was given to the other so far is done.
void follow(Staging& staging, const Device& device) {
  const auto mark = device_streams().event(device);
  mark->record(device);
  staging.follow(*mark);
}

/// Takes `count` numbers off a device, with as many copies under way as there are chunks.
std::vector<float> taken_off(Staging& staging, const Device& device, const Array& array) {
  std::vector<float> found(array.size());
  const std::size_t bytes = 4 * found.size();
  const auto* const from = reinterpret_cast<const std::byte*>(array.data());
  std::deque<std::shared_ptr<Staging::Chunk>> coming;
  follow(staging, device);
  std::size_t begun = 0;
  for (std::size_t offset = 0; offset < bytes; offset += kChunk) {
    while (begun < bytes) {
      const auto chunk = staging.take();
      if (!chunk) break;
      staging.read(from + begun, std::min(kChunk, bytes - begun), *chunk);
      begun += kChunk;
      coming.push_back(chunk);
    }
    coming.front()->wait();
    std::memcpy(reinterpret_cast<std::byte*>(found.data()) + offset, coming.front()->bytes().data(),
                std::min(kChunk, bytes - offset));
    coming.pop_front();
  }
  return found;
}

void put_on(Staging& staging, const Array& numbers, const Device& device, Array& array) {
  const std::size_t bytes = 4 * numbers.size();
  follow(staging, device);
  for (std::size_t offset = 0; offset < bytes; offset += kChunk) {
    const auto chunk = staging.take();
    const std::size_t size = std::min(kChunk, bytes - offset);
    std::memcpy(chunk->bytes().data(), reinterpret_cast<const std::byte*>(numbers.data()) + offset,
                size);
    staging.write(*chunk, size, reinterpret_cast<std::byte*>(array.data()) + offset);
  }
  staging.lead(device);
}

TEST_F(StreamsOnDevice, StagingTakesOffADeviceWhatItsStreamMadeThere) {
  for (const std::size_t under_way : {1, 2, 3}) {
    Staging staging(device(), kChunk, under_way);
    for (const std::size_t count : kCounts) {
      const Array numbers = random_array(count, count);
      const Busy busy = becoming(numbers);
      EXPECT_TRUE(
          same(taken_off(staging, busy.stream->device(), busy.array), floats(numbers.view())))
          << count << ", " << under_way;
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
      put_on(staging, numbers, busy.stream->device(), busy.array);
      Array copied(count, device());
      device_memory().wait(device());
      copy_on(*busy.stream, busy.array, copied);
      EXPECT_TRUE(same(on_host(copied, busy.stream->device()), floats(numbers.view())))
          << count << ", " << under_way;
    }
  }
}

TEST_F(StreamsOnDevice, StagingHasNoMoreChunksThanItMay) {
  Staging staging(device(), kChunk, 2);
  const auto first = staging.take();
  auto second = staging.take();
  ASSERT_TRUE(first && second);
  EXPECT_EQ(second->bytes().size(), kChunk);
  EXPECT_FALSE(staging.take());
  const std::byte* const place = second->bytes().data();
  std::thread holder([chunk = std::move(second)]() mutable { chunk.reset(); });
  EXPECT_EQ(staging.wait_for_one()->bytes().data(), place);
  holder.join();
}

TEST_F(StreamsOnDevice, StagingThatWasClosedIsNotWaitedFor) {
  Staging staging(device(), kChunk, 1);
  const auto held = staging.take();
  std::thread closer([&staging] { staging.close(); });
  EXPECT_FALSE(staging.wait_for_one());
  closer.join();
}

TEST_F(StreamsOnDevice, StagingLeavesChunksToThoseWhoHoldThem) {
  const Array numbers = random_array(kChunk / sizeof(float), 1);
  const Busy busy = becoming(numbers);
  std::shared_ptr<Staging::Chunk> chunk;
  {
    Staging staging(device(), kChunk, 1);
    follow(staging, busy.stream->device());
    chunk = staging.take();
    staging.read(busy.array.data(), kChunk, *chunk);
  }
  EXPECT_EQ(std::memcmp(chunk->bytes().data(), numbers.data(), kChunk), 0);
}

}  // namespace
}  // namespace kith
