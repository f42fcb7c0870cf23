#include "communication/landing.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <optional>

#include "core/device_memory.h"
#include "kernels/device/device_under_test.h"
#include "kernels/device/played_streams.h"

namespace kith {
namespace {

constexpr std::size_t kChunk = 4096;
constexpr std::size_t kSize = 5 * kChunk / sizeof(float) + 3;

/// Vectors that come to a device whose work is done as late as it may be.
class LandingOnADevice : public ::testing::Test {
 protected:
  const Device& device() const { return stream_->device(); }

  /// All of a vector of so many numbers.
  std::shared_ptr<Array> land(float number, std::size_t size = kSize) {
    const std::shared_ptr<Array> vector = landing_->take(size);
    const std::vector<float> numbers(size, number);
    for (std::size_t offset = 0; offset < size * sizeof(float); offset += kChunk) {
      const std::size_t bytes = std::min(kChunk, size * sizeof(float) - offset);
      const auto chunk = landing_->chunk();
      std::memcpy(chunk->bytes().data(),
                  reinterpret_cast<const std::byte*>(numbers.data()) + offset, bytes);
      landing_->put(*chunk, bytes, reinterpret_cast<std::byte*>(vector->data()) + offset);
    }
    landing_->hand_over(device());
    return vector;
  }

  /// A copy that the vectors' stream makes when its turn comes.
  std::shared_ptr<Array> read_by_the_stream(const Array& vector) {
    auto seen = std::make_shared<Array>(vector.size(), device());
    copy(vector.view(), seen->view());
    return seen;
  }

  /// What every element is; NaN where they differ.
  float number_in(const Array& vector) {
    const Array here = host_copy(vector.view());
    for (std::size_t i = 1; i < here.size(); ++i) {
      if (here[i] != here[0]) return NAN;
    }
    return here[0];
  }

  const Device card_ = kernels::device_under_test().device;
  std::unique_ptr<DeviceStream> stream_ = device_streams().stream(card_);
  std::optional<Landing> landing_{std::in_place, device(), kChunk, 2};
};

TEST_F(LandingOnADevice, GivesWholeVectorsToWhatTheirStreamDoesNext) {
  for (const std::size_t size : {kSize, kSize + 1, std::size_t{1}, kSize}) {
    const auto vector = land(7, size);
    EXPECT_EQ(vector->size(), size);
    EXPECT_EQ(number_in(*read_by_the_stream(*vector)), 7);
  }
}

TEST_F(LandingOnADevice, WritesNothingBeforeWhatReadTheVectorIsDone) {
  const float* place = nullptr;
  std::vector<std::shared_ptr<Array>> seen;
  for (int i = 0; i < 4; ++i) {
    const auto vector = land(static_cast<float>(i));
    EXPECT_TRUE(i == 0 || vector->data() == place) << "it lands in the vector that was let go";
    place = vector->data();
    seen.push_back(read_by_the_stream(*vector));
  }
  for (int i = 0; i < 4; ++i) EXPECT_EQ(number_in(*seen[static_cast<std::size_t>(i)]), i);
}

TEST_F(LandingOnADevice, WaitsForNothingElseThatTheStreamDoes) {
  land(1);
  const auto other = std::make_shared<Array>(kSize, device());
  device_memory().wait(device());
  const auto& works = *PlayedStream::of(device())->works();
  const std::size_t done = works.done;
  // The stream is busy with something else from here on, and more chunks come than there are.
  const auto later = read_by_the_stream(*other);
  const auto again = land(2), anew = land(3);
  EXPECT_EQ(works.done, done);
  EXPECT_EQ(number_in(*again), 2);
  EXPECT_EQ(number_in(*anew), 3);
}

TEST_F(LandingOnADevice, HasThreeChunksMoreThanAreReceivedAtOnce) {
  std::size_t before = 0;
  {
    const PlayedLock lock(played_mutex());
    before = played_pins().most_bytes = played_pins().bytes;
  }
  const auto first = landing_->chunk(), second = landing_->chunk();
  land(1);
  const PlayedLock lock(played_mutex());
  EXPECT_EQ(played_pins().most_bytes - before, 5 * kChunk) << "of the 2 that it was made for";
}

TEST_F(LandingOnADevice, LeavesVectorsToThoseWhoHoldThem) {
  const auto vector = land(5);
  landing_.reset();
  EXPECT_EQ(number_in(*vector), 5);
}

}  // namespace
}  // namespace kith
