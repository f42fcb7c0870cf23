#include "communication/departures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "core/device_memory.h"
#include "kernels/device/device_under_test.h"
#include "kernels/device/played_streams.h"
#include "support/failing_memory.h"

namespace kith {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::size_t kChunk = 4096;
constexpr std::size_t kFloats = kChunk / sizeof(float);
constexpr auto kPatience = std::chrono::seconds(60);

/// Numbers first, first + 1, …, which a stream of their own has yet to put where they belong.
struct Late {
  Late(std::size_t size, float first, int card = 0)
      : before(size, {Device::Kind::kCuda, kernels::device_under_test().device.index + card}),
        stream(device_streams().stream(before.device())),
        vector(std::make_shared<Array>(size, before.device())) {
    Array here(size);
    for (std::size_t i = 0; i < size; ++i) here[i] = first + static_cast<float>(i);
    copy(here.view(), before.view());
    device_memory().copy(stream->device(), before.data(), vector->data(), bytes().size());
    numbers = std::move(here);
  }

  ByteView bytes() const {
    return {reinterpret_cast<const std::byte*>(vector->data()), vector->size() * sizeof(float)};
  }
  ByteView expected() const {
    return {reinterpret_cast<const std::byte*>(numbers.data()), numbers.size() * sizeof(float)};
  }

  Array before, numbers;
  std::unique_ptr<DeviceStream> stream;
  std::shared_ptr<Array> vector;
};

class DeparturesFromADevice : public ::testing::Test {
 protected:
  using Held = std::vector<std::shared_ptr<const void>>;

  void give(const Late& late, Departures::Sink sink) {
    departures_->give(late.stream->device(), late.bytes(), late.vector, std::move(sink));
  }

  /// Until all that was given has left.
  void settle() {
    const auto gone = std::make_shared<std::promise<void>>();
    departures_->give([gone] { gone->set_value(); });
    ASSERT_EQ(gone->get_future().wait_for(kPatience), std::future_status::ready);
  }

  std::promise<Error> failed_;
  std::optional<Departures> departures_{std::in_place, kernels::device_under_test().device, kChunk,
                                        [this](const Error& error) { failed_.set_value(error); }};
};

TEST_F(DeparturesFromADevice, LeaveChunkByChunkAsTheirStreamMadeThem) {
  std::vector<Late> vectors;
  std::vector<std::vector<std::byte>> found(6);
  for (const std::size_t size :
       {std::size_t{1}, kFloats - 1, kFloats, kFloats + 1, 3 * kFloats, 40 * kFloats + 7}) {
    const std::size_t which = vectors.size();
    const Late& late = vectors.emplace_back(size, static_cast<float>(size));
    std::uint32_t next = 0;
    give(late, [&found, which, next](std::uint32_t number, ByteView chunk, const auto&) mutable {
      EXPECT_EQ(number, next++);
      EXPECT_LE(chunk.size(), kChunk);
      found[which].insert(found[which].end(), chunk.begin(), chunk.end());
    });
  }
  settle();
  for (std::size_t i = 0; i < found.size(); ++i) {
    const ByteView expected = vectors[i].expected();
    EXPECT_TRUE(std::ranges::equal(found[i], expected)) << i;
  }
}

TEST_F(DeparturesFromADevice, LeaveInTheOrderTheyWereGiven) {
  std::vector<std::string> order;
  const Late first(3 * kFloats, 1), second(kFloats, 2);
  const auto note = [&order](const std::string& name) {
    return [&order, name](std::uint32_t number, ByteView, const auto&) {
      order.push_back(name + std::to_string(number));
    };
  };
  departures_->give([&] { order.emplace_back("job"); });
  give(first, note("a"));
  departures_->give([&] { order.emplace_back("job"); });
  departures_->give([&] { order.emplace_back("job"); });
  give(second, note("b"));
  settle();
  EXPECT_THAT(order, ElementsAre("job", "a0", "a1", "a2", "job", "job", "b0"));
}

TEST_F(DeparturesFromADevice, LeaveFromAnyCardOfTheProcess) {
  const Late there(3 * kFloats, 7, 1);
  std::vector<std::byte> found;
  give(there, [&found](std::uint32_t, ByteView chunk, const auto&) {
    found.insert(found.end(), chunk.begin(), chunk.end());
  });
  settle();
  const ByteView expected = there.expected();
  EXPECT_TRUE(std::ranges::equal(found, expected));
}

TEST_F(DeparturesFromADevice, AreWaitedForByNobodyWhoGivesThem) {
  std::promise<void> go;
  std::vector<Late> vectors;
  for (int i = 0; i < 5; ++i) vectors.emplace_back(20 * kFloats, 1.f);
  departures_->give([may = go.get_future().share()] { may.wait(); });
  std::atomic<int> left = 0;
  for (const Late& late : vectors) {
    give(late, [&left](std::uint32_t, ByteView, const auto&) { ++left; });
  }
  EXPECT_EQ(left, 0);
  go.set_value();
  settle();
  EXPECT_EQ(left, 100);
}

TEST_F(DeparturesFromADevice, KeepAVectorUntilItIsCopiedAndNoLonger) {
  Late late(3 * kFloats, 1);
  const std::weak_ptr<Array> watch = late.vector;
  std::vector<bool> there;
  std::promise<void> go;
  departures_->give([may = go.get_future().share()] { may.wait(); });
  give(late, [&](std::uint32_t, ByteView, const auto&) { there.push_back(!watch.expired()); });
  late.vector.reset();
  go.set_value();
  settle();
  EXPECT_THAT(there, ElementsAre(true, true, false)) << "the last chunk leaves when all is copied";
}

TEST_F(DeparturesFromADevice, AreCopiedWhileOthersLeave) {
  const Late late(10 * kFloats, 1), next(10 * kFloats, 1);
  std::vector<std::size_t> begun;
  const std::size_t before = played_bytes_off();
  const auto note = [&](std::uint32_t, ByteView, const auto&) {
    const PlayedLock lock(played_mutex());
    begun.push_back((played_bytes_off() - before) / kChunk);
  };
  std::promise<void> go;
  departures_->give([may = go.get_future().share()] { may.wait(); });
  give(late, note);
  give(next, note);
  go.set_value();
  settle();
  EXPECT_EQ(begun.front(), 20u) << "all copies are begun before the first chunk leaves";
}

TEST_F(DeparturesFromADevice, WaitWhereAllPinnedMemoryIsOnItsWay) {
  constexpr std::size_t kMost = Departures::kMostChunks;
  {
    const PlayedLock lock(played_mutex());
    played_pins().most_bytes = played_pins().bytes;
  }
  const std::size_t before = played_pins().bytes;
  const Late late(3 * kMost * kFloats, 1);
  std::mutex mutex;
  std::condition_variable changed;
  Held held;
  std::size_t left = 0;
  give(late, [&](std::uint32_t, ByteView, const auto& keep) {
    {
      const std::lock_guard lock(mutex);
      held.push_back(keep);
      ++left;
      EXPECT_LE(held.size(), kMost);
    }
    changed.notify_all();
  });
  for (std::size_t all = kMost; all <= 3 * kMost; all += kMost) {
    std::unique_lock lock(mutex);
    ASSERT_TRUE(changed.wait_for(lock, kPatience, [&] { return left == all; }));
    held.clear();
  }
  settle();  // what the last call uses goes after it
  const PlayedLock lock(played_mutex());
  EXPECT_EQ(played_pins().most_bytes - before, kMost * kChunk);
}

TEST_F(DeparturesFromADevice, ThatCannotBeCopiedAreToldAndNothingLeavesAnyMore) {
  const Late first(kFloats, 1), second(kFloats, 1);
  std::atomic<int> left = 0;
  const auto count = [&left](std::uint32_t, ByteView, const auto&) { ++left; };
  give(first, count);
  settle();
  const FailingMemory failing("CUDA device 0: its work failed: it is lost");
  give(second, count);
  departures_->give([&left] { ++left; });
  auto failure = failed_.get_future();
  ASSERT_EQ(failure.wait_for(kPatience), std::future_status::ready);
  const Error error = failure.get();
  EXPECT_EQ(error.code(), ExitCode::kDevice);
  EXPECT_THAT(error.what(), HasSubstr("it is lost"));
  departures_.reset();
  EXPECT_EQ(left, 1);
}

TEST_F(DeparturesFromADevice, ThatAreClosedWaitForNobodyWhoHoldsChunks) {
  const Late late(2 * Departures::kMostChunks * kFloats, 1);
  Held held;
  std::promise<void> full;
  give(late, [&](std::uint32_t, ByteView, const auto& keep) {
    held.push_back(keep);
    if (held.size() == Departures::kMostChunks) full.set_value();
  });
  ASSERT_EQ(full.get_future().wait_for(kPatience), std::future_status::ready);
  departures_->close();
  departures_.reset();
  EXPECT_EQ(held.size(), Departures::kMostChunks);
}

}  // namespace
}  // namespace kith
