#include "communication/post_office.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

namespace kith {
namespace {

using ::testing::ElementsAre;
using ::testing::Le;

Message say(Uid sender, Round round, float value) {
  auto vector = std::make_shared<Array>(1);
  (*vector)[0] = value;
  Message message;
  message.sender = sender;
  message.round = round;
  message.body = Body(Slot(vector));
  return message;
}

/// n nodes on the in-process transport.
class Office : public ::testing::Test {
 protected:
  void open(std::int64_t nodes, Round max_lead = 1) {
    office_ = std::make_unique<PostOffice>(*transport_, nodes, max_lead);
  }

  std::string error_of_run() {
    try {
      executor_.run();
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }

  const Transport::Common common_;
  const Placement placement_;
  ArrayPool vectors_{1};
  std::unique_ptr<Transport> transport_ = Transport::registry().standard("inproc").make(
      Transport::Context{common_, placement_, 0, 1, vectors_});
  std::unique_ptr<PostOffice> office_;
  Executor executor_{{.threads = 2}};
};

Task<> sum_of_ring(Fiber& fiber, PostOffice& office, Uid n, Round rounds,
                   std::vector<float>& sums) {
  const Uid uid = fiber.uid();
  std::vector<Uid> neighbors{(uid + n - 1) % n, (uid + 1) % n};
  std::ranges::sort(neighbors);
  for (Round round = 0; round < rounds; ++round) {
    fiber.set_round(round);
    office.enter(uid, round);
    Message message = say(uid, round, static_cast<float>(uid * 1000 + round));
    co_await office.send(message, neighbors);
    const std::vector<Message> heard = co_await office.receive(uid, round, 0, neighbors);
    for (const Message& m : heard) sums[static_cast<std::size_t>(uid)] += m.body.floats().data[0];
  }
}

TEST_F(Office, EveryMessageOfEveryRoundArrivesOnceAndInItsRound) {
  constexpr Uid kNodes = 50;
  constexpr Round kRounds = 100;
  open(kNodes);
  std::vector<float> sums(kNodes);
  for (Uid uid = 0; uid < kNodes; ++uid) {
    executor_.spawn(uid, [&](Fiber& f) { return sum_of_ring(f, *office_, kNodes, kRounds, sums); });
  }
  executor_.run();
  for (Uid uid = 0; uid < kNodes; ++uid) {
    const float of_uids = static_cast<float>((uid + 1) % kNodes + (uid + kNodes - 1) % kNodes);
    EXPECT_EQ(sums[static_cast<std::size_t>(uid)], kRounds * of_uids * 1000 + 4950 * 2);
  }
}

Task<> send_only(Fiber& fiber, PostOffice& office, Round rounds, std::atomic<Round>& sent) {
  const std::vector<Uid> to{1};
  for (Round round = 0; round < rounds; ++round) {
    fiber.set_round(round);
    office.enter(0, round);
    Message message = say(0, round, 0);
    co_await office.send(message, to);
    sent = round;
  }
}

Task<> read_only(Fiber& fiber, PostOffice& office, Round rounds, std::atomic<Round>& sent,
                 std::vector<Round>& leads) {
  const std::vector<Uid> from{0};
  for (Round round = 0; round < rounds; ++round) {
    fiber.set_round(round);
    office.enter(1, round);
    const std::vector<Message> heard = co_await office.receive(1, round, 0, from);
    leads.push_back(sent - round);
  }
}

TEST_F(Office, ASenderWaitsWhenItIsTooFarAhead) {
  for (const Round max_lead : {1, 3}) {
    Executor executor({.threads = 2});
    open(2, max_lead);
    std::atomic<Round> sent{-1};
    std::vector<Round> leads;
    executor.spawn(0, [&](Fiber& f) { return send_only(f, *office_, 200, sent); });
    executor.spawn(1, [&](Fiber& f) { return read_only(f, *office_, 200, sent, leads); });
    executor.run();
    EXPECT_THAT(leads, ::testing::Each(Le(max_lead)));
  }
}

TEST_F(Office, NamesTheNodeThatNeverSends) {
  open(8);
  std::vector<Round> leads;
  std::atomic<Round> sent{0};
  executor_.spawn(1, [&](Fiber& f) { return read_only(f, *office_, 1, sent, leads); });
  EXPECT_EQ(error_of_run(), "nothing can go on: node 1 waits for node 0, round 0");
}

TEST_F(Office, NamesTheReaderThatNeverComes) {
  open(2);
  std::atomic<Round> sent{0};
  executor_.spawn(0, [&](Fiber& f) { return send_only(f, *office_, 9, sent); });
  EXPECT_EQ(error_of_run(), "nothing can go on: node 0 waits for node 1 to begin round 1");
}

TEST_F(Office, RefusesAMessageFromAStranger) {
  open(4);
  office_->deliver(1, say(3, 0, 0));
  std::vector<Round> leads;
  std::atomic<Round> sent{0};
  executor_.spawn(1, [&](Fiber& f) { return read_only(f, *office_, 1, sent, leads); });
  EXPECT_EQ(error_of_run(),
            "node 1, round 0: a message of round 0 from node 3, which had none to send to node 1");
}

Task<> read_from(PostOffice& office, std::vector<Uid> senders, std::vector<Uid>& order) {
  const std::vector<Message> heard = co_await office.receive(0, 0, 0, senders);
  for (const Message& m : heard) order.push_back(m.sender);
}

TEST_F(Office, GivesMessagesInUidOrderWhateverTheOrderOfArrival) {
  open(10);
  for (const Uid sender : {7, 2, 9, 4}) office_->deliver(0, say(sender, 0, 0));
  std::vector<Uid> order;
  executor_.spawn(0, [&](Fiber&) {
    return read_from(*office_, std::vector<Uid>({2, 4, 7, 9}), order);
  });
  executor_.run();
  EXPECT_THAT(order, ElementsAre(2, 4, 7, 9));
}

TEST(Traffic, CountsAHeaderForEveryMessage) {
  Traffic traffic;
  traffic.count_sent(Body(Slot(std::make_shared<Array>(100))), 3);
  traffic.count_sent(Body(std::vector<std::byte>(50), 10), 1);
  EXPECT_EQ(traffic.bytes_sent, 3 * (64 + 400) + 64 + 50u);
  EXPECT_EQ(traffic.metadata_bytes_sent, 3 * 64 + 64 + 10u);
  EXPECT_EQ(traffic.messages_sent, 4u);
}

TEST(Body, CopiesNoNumber) {
  const Slot slot = std::make_shared<Array>(5);
  const Body body(slot);
  const Body copy = body;
  EXPECT_EQ(copy.floats().data, slot->data());
  EXPECT_EQ(copy.size(), 20u);
}

Message loose(Uid sender, float value, int lane = 0) {
  Message message = say(sender, 0, value);
  message.kind = kFirstLoose + lane;
  return message;
}

Task<> read_loose(PostOffice& office, Uid sender, double within_s, std::size_t count,
                  std::vector<float>& values) {
  while (values.size() < count) {
    PostOffice::NextLoose next = office.next_loose(0, 0, sender, within_s);
    const std::optional<Message> message = co_await next;
    values.push_back(message ? message->body.floats().data[0] : -1);
  }
}

TEST_F(Office, LooseMessagesAreReadInTheOrderInWhichTheyCameTheNewestOfEachSender) {
  open(8);
  for (const auto& [sender, value] : {std::pair{3, 1.0f}, {5, 2.0f}, {3, 3.0f}, {2, 4.0f}}) {
    office_->send_loose(loose(sender, value), 0);
  }
  office_->send_loose(loose(6, 9, /*lane=*/1), 0);
  std::vector<float> values;
  executor_.spawn(
      0, [&](Fiber&) { return read_loose(*office_, PostOffice::kAnybody, 3600, 3, values); });
  executor_.run();
  EXPECT_THAT(values, ElementsAre(3, 2, 4));
  EXPECT_FALSE(office_->take_loose(0, 0));
  EXPECT_EQ(office_->take_loose(0, 1)->sender, 6);
}

TEST_F(Office, AnAnswerOfOneNodeIsNotAnothers) {
  open(8);
  office_->send_loose(loose(3, 1), 0);
  office_->send_loose(loose(5, 2), 0);
  std::vector<float> values;
  executor_.spawn(0, [&](Fiber&) { return read_loose(*office_, 5, 3600, 1, values); });
  executor_.run();
  EXPECT_THAT(values, ElementsAre(2));
}

TEST_F(Office, WhoeverWaitsForALooseMessageIsWokenByItAndByItsTime) {
  open(8);
  std::vector<float> values;
  executor_.spawn(
      0, [&](Fiber&) { return read_loose(*office_, PostOffice::kAnybody, 0.01, 2, values); });
  executor_.spawn(1, [&](Fiber&) -> Task<> {
    office_->send_loose(loose(1, 7), 0);
    co_return;
  });
  executor_.run();
  EXPECT_THAT(values, ElementsAre(7, -1));
}

TEST_F(Office, NamesWhoDoesNotAnswer) {
  open(8);
  std::vector<float> values;
  constexpr double kForever = std::numeric_limits<double>::infinity();
  executor_.spawn(0, [&](Fiber&) { return read_loose(*office_, 5, kForever, 1, values); });
  EXPECT_EQ(error_of_run(), "nothing can go on: node 0 waits for node 5 to answer");
}

}  // namespace
}  // namespace kith
