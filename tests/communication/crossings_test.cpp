#include "communication/crossings.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <optional>

#include "compression/compressor.h"
#include "core/device_memory.h"
#include "kernels/device/device_under_test.h"
#include "kernels/device/played_streams.h"
#include "kernels/vector_ops.h"

namespace kith {
namespace {

constexpr std::size_t kSize = 1003;

/// Two cards whose work is done as late as it may be.
class CrossingBetweenCards : public ::testing::Test {
 protected:
  const Device& here() const { return streams_[0]->device(); }
  const Device& there() const { return streams_[1]->device(); }

  /// A vector of one number, when its card has come so far.
  std::shared_ptr<Array> vector_of(float number) {
    auto vector = std::make_shared<Array>(kSize, here());
    kernels::fill(vector->view(), number);
    return vector;
  }

  /// A copy that a card makes when its turn comes.
  static Array read_by(const Device& device, ConstArrayView x) {
    Array seen(x.size, device);
    copy(x, seen.view());
    return seen;
  }

  /// What every element is; NaN where they differ.
  static float number_in(ConstArrayView x) {
    const Array host = host_copy(x);
    for (std::size_t i = 1; i < host.size(); ++i) {
      if (host[i] != host[0]) return NAN;
    }
    return host[0];
  }

  static std::size_t done_on(const Device& device) {
    return PlayedStream::of(device)->works()->done;
  }

  const int opened_ = kernels::device_under_test().device.index;
  const std::array<std::unique_ptr<DeviceStream>, 2> streams_{
      device_streams().stream({Device::Kind::kCuda, 0, nullptr}),
      device_streams().stream({Device::Kind::kCuda, 1, nullptr})};
  std::optional<Crossings> crossings_{std::in_place, std::array{here(), there()}};
};

TEST_F(CrossingBetweenCards, GivesAVectorAsItsOwnCardMadeIt) {
  const Body body(vector_of(7));
  const Body copy = crossings_->carry(body, there());
  EXPECT_EQ(copy.floats().device, there());
  EXPECT_EQ(copy.size(), body.size());
  copy.meet(there());
  EXPECT_EQ(number_in(copy.floats()), 7);
}

TEST_F(CrossingBetweenCards, IsWaitedForByNeitherCard) {
  const Body body(vector_of(7));
  const std::size_t done = done_on(here()), done_there = done_on(there());
  const Body copy = crossings_->carry(body, there());
  copy.meet(there());
  const Array seen = read_by(there(), copy.floats());
  EXPECT_EQ(done_on(here()), done);
  EXPECT_EQ(done_on(there()), done_there);
  EXPECT_EQ(number_in(seen.view()), 7);
}

TEST_F(CrossingBetweenCards, IsDoneOnceHoweverManyRead) {
  const Body body(vector_of(7));
  const Body first = crossings_->carry(body, there()), second = crossings_->carry(body, there());
  EXPECT_EQ(first.floats().data, second.floats().data);
  const Body other = crossings_->carry(Body(vector_of(8)), there());
  EXPECT_NE(other.floats().data, first.floats().data);
  other.meet(there());
  EXPECT_EQ(number_in(other.floats()), 8);
  EXPECT_EQ(number_in(first.floats()), 7);
}

TEST_F(CrossingBetweenCards, LeavesWhatLiesThereOrInHostMemory) {
  const Body body(vector_of(7));
  EXPECT_EQ(crossings_->carry(body, here()).owner(), body.owner());
  EXPECT_EQ(crossings_->carry(body, Device{}).owner(), body.owner());
  const Body coded(Body::Bytes(12), 3);
  EXPECT_EQ(crossings_->carry(coded, there()).owner(), coded.owner());
}

// Whoever made a vector writes over it when nobody has it any more, which may be before either card
// has come to read it.
TEST_F(CrossingBetweenCards, ReadsAVectorBeforeItsOwnerWritesOverIt) {
  const std::shared_ptr<Array> vector = vector_of(7);
  std::optional<Body> copy = crossings_->carry(Body(vector), there());
  copy->meet(there());
  const Array seen = read_by(there(), copy->floats());
  EXPECT_GT(vector.use_count(), 1);
  copy.reset();
  EXPECT_EQ(vector.use_count(), 1);
  kernels::fill(vector->view(), 8);
  EXPECT_EQ(number_in(vector->view()), 8);
  EXPECT_EQ(number_in(seen.view()), 7);
}

TEST_F(CrossingBetweenCards, UsesAPlaceAgainBehindThoseWhoReadIt) {
  const auto seven = vector_of(7), eight = vector_of(8);
  std::optional<Body> first = crossings_->carry(Body(seven), there());
  first->meet(there());
  const float* const place = first->floats().data;
  const Array seen = read_by(there(), first->floats());
  first.reset();
  std::optional<Body> second = crossings_->carry(Body(eight), there());
  ASSERT_EQ(second->floats().data, place);
  // Its maker waits for it, and so makes it come before the reader of the first does anything.
  second.reset();
  device_memory().wait(here());
  EXPECT_EQ(number_in(seen.view()), 7);
}

TEST_F(CrossingBetweenCards, BringsAMessageThatNobodyMakesBytesOf) {
  const auto message = std::make_shared<Compressed>(here());
  message->head = {1, 2, 3};
  message->values.resize(5);
  kernels::fill(message->values.view(), 7);
  const std::vector<std::uint32_t> indices{2, 3, 5, 7, 11};
  message->indices.fill([&](std::vector<std::uint32_t>& room) { room = indices; });
  const auto bytes = [] { return Body::Bytes{std::byte{42}}; };
  const Body copy = crossings_->carry(Body(bytes, 1, 0, message), there());
  const auto* const read = dynamic_cast<const Compressed*>(copy.meaning());
  ASSERT_NE(read, nullptr);
  copy.meet(there());
  EXPECT_EQ(read->device(), there());
  EXPECT_EQ(read->head, message->head);
  EXPECT_TRUE(read->packed.empty());
  EXPECT_EQ(number_in(read->values.view()), 7);
  std::vector<std::uint32_t> room;
  EXPECT_TRUE(std::ranges::equal(read->indices.on_host(room), indices));
  EXPECT_EQ(copy.coded()[0], std::byte{42});
}

TEST_F(CrossingBetweenCards, OutlivesWhoBroughtIt) {
  const Body copy = crossings_->carry(Body(vector_of(7)), there());
  crossings_.reset();
  copy.meet(there());
  EXPECT_EQ(number_in(copy.floats()), 7);
}

}  // namespace
}  // namespace kith
