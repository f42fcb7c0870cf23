#include "communication/remote_transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/device_memory.h"
#include "core/random.h"
#include "kernels/device/device_under_test.h"
#include "kernels/device/played_streams.h"
#include "support/failing_memory.h"
#include "support/folder.h"
#include "support/processes.h"

namespace kith {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

using Type = Header::Type;

Bytes bytes_of(const Body& body) {
  const auto view = body.floats().data
                        ? std::as_bytes(std::span(body.floats().data, body.floats().size))
                        : body.coded();
  return Bytes(view.begin(), view.end());
}

std::shared_ptr<Array> random_vector(std::size_t size) {
  auto vector = std::make_shared<Array>(size);
  Random random(1, Purpose::kModel, 0, static_cast<Round>(size));
  for (std::size_t i = 0; i < size; ++i) (*vector)[i] = static_cast<float>(random.normal());
  return vector;
}

/// A frame as a process would send it, of whatever the test wants.
Link::Frame frame_of(Header header, Bytes payload) {
  const auto keep = std::make_shared<const Bytes>(std::move(payload));
  return {write_header(header, payload_hash(*keep)), *keep, keep};
}

template <class T>
Bytes packed(std::initializer_list<T> values) {
  const auto bytes = std::as_bytes(std::span(values.begin(), values.size()));
  return Bytes(bytes.begin(), bytes.end());
}

// --- letters -------------------------------------------------------------------------------------

TEST(Letters, ArriveWithTheBitsThatWereSent) {
  constexpr std::size_t kChunk = Header::kChunkBytes / sizeof(float);
  for (const std::size_t size : {std::size_t{1}, std::size_t{31}, kChunk, kChunk + 1, 3 * kChunk}) {
    Processes run = Processes::of_two(2, size);
    run.start();
    const Slot vector = random_vector(size);
    const std::vector<Uid> both{2, 3};
    run.transport(0).send(letter(1, 0, Body(vector)), both);
    std::vector<std::byte> code(size * 2 + 1, std::byte{7});
    run.transport(0).send(letter(0, 1, Body(code, 1), 1), std::vector<Uid>{3});
    run.network().settle();
    const auto letters = run[1].box.letters();
    ASSERT_EQ(letters.size(), 3u) << run.failure(1);
    for (const int i : {0, 1}) {
      EXPECT_EQ(letters[i].first, 2 + i);
      EXPECT_EQ(letters[i].second.sender, 1);
      EXPECT_EQ(bytes_of(letters[i].second.body), bytes_of(Body(vector)));
    }
    EXPECT_EQ(letters[2].second.round, 1);
    EXPECT_EQ(letters[2].second.kind, 1);
    EXPECT_EQ(bytes_of(letters[2].second.body), code);
  }
}

TEST(Letters, MayBeEmpty) {
  Processes run = Processes::of_two(2);
  run.start();
  run.transport(0).send(letter(0, 0, Body(std::vector<std::byte>())), std::vector<Uid>{2, 3});
  run.network().settle();
  ASSERT_EQ(run[1].box.letters().size(), 2u);
  EXPECT_EQ(run[1].box.letters()[0].second.body.size(), 0u);
}

TEST(Letters, KeepTheBitsOfNumbersThatAreNone) {
  Processes run = Processes::of_two(2, 2);
  run.start();
  auto vector = std::make_shared<Array>(2);
  const std::uint32_t bits[] = {0x7fa0'1234, 0x8000'0000};  // a signaling NaN, −0
  std::memcpy(vector->data(), bits, sizeof bits);
  run.transport(0).send(letter(0, 0, Body(Slot(vector))), std::vector<Uid>{2});
  run.network().settle();
  ASSERT_EQ(run[1].box.letters().size(), 1u);
  EXPECT_EQ(std::memcmp(run[1].box.letters()[0].second.body.floats().data, bits, sizeof bits), 0);
}

TEST(Letters, CrossOnceToEachProcessThatReadsThem) {
  constexpr std::size_t kSize = Header::kChunkBytes / sizeof(float) * 2;
  Processes run({{0, 1, 2, 3}, {4}, {5, 6, 7}}, kSize);
  run.start();
  run.transport(0).send(letter(0, 0, Body(Slot(random_vector(kSize)))),
                        std::vector<Uid>{1, 2, 4, 5, 6, 7});
  run.network().settle();
  std::map<int, std::vector<std::uint32_t>> chunks;
  for (const auto& sent : run.network().sent(Type::kLetter)) {
    EXPECT_EQ(sent.from, 0);
    chunks[sent.to].push_back(sent.header.chunk);
  }
  EXPECT_THAT(chunks[1], ElementsAre(1u, 2u));
  EXPECT_THAT(chunks[2], ElementsAre(0u, 1u, 2u)) << "with the list of who reads it";
  EXPECT_EQ(run[1].box.letters().size(), 1u);
  const auto there = run[2].box.letters();
  ASSERT_EQ(there.size(), 3u);
  EXPECT_EQ(there[0].second.body.floats().data, there[2].second.body.floats().data);
}

TEST(Letters, BetweenNodesOfAProcessNeverLeaveIt) {
  Processes run = Processes::of_two(2);
  run.start();
  const Slot vector = counted_vector(4);
  run.transport(0).send(letter(0, 0, Body(vector)), std::vector<Uid>{1});
  run.network().settle();
  EXPECT_TRUE(run.network().sent(Type::kLetter).empty());
  ASSERT_EQ(run[0].box.letters().size(), 1u);
  EXPECT_EQ(run[0].box.letters()[0].second.body.floats().data, vector->data());
}

TEST(Letters, OfSeveralThreadsStayWhole) {
  constexpr std::size_t kSize = Header::kChunkBytes / sizeof(float) * 2 + 5;
  Processes run({{0, 1, 2, 3}, {4}}, kSize);
  run.start();
  std::vector<std::thread> threads;
  for (Uid sender = 0; sender < 4; ++sender) {
    threads.emplace_back([&run, sender] {
      for (const Round round : {0, 1}) {
        const Slot vector = counted_vector(kSize, static_cast<float>(sender));
        run.transport(0).send(letter(sender, round, Body(vector)), std::vector<Uid>{4});
      }
    });
  }
  for (auto& thread : threads) thread.join();
  run.network().settle();
  EXPECT_EQ(run.failure(1), "");
  const auto letters = run[1].box.letters();
  ASSERT_EQ(letters.size(), 8u);
  for (const auto& [receiver, message] : letters) {
    EXPECT_EQ(message.body.floats().data[0], static_cast<float>(message.sender));
  }
}

TEST(Letters, AreCountedAsWireBytes) {
  Processes run = Processes::of_two(2);
  run.start();
  const std::uint64_t before = run.transport(0).wire_bytes();
  run.transport(0).send(letter(0, 0, Body(Slot(counted_vector(4)))), std::vector<Uid>{2});
  EXPECT_EQ(run.transport(0).wire_bytes() - before, 64 + 16u);
}

// --- letters from device to device ---------------------------------------------------------------

constexpr std::size_t kChunkFloats = Header::kChunkBytes / sizeof(float);

const Device& device() { return kernels::device_under_test().device; }

std::shared_ptr<Array> on_device(const Array& vector) {
  auto there = std::make_shared<Array>(vector.size(), device());
  copy(vector.view(), there->view());
  return there;
}

/// The bytes of a body that lies on a device.
Bytes bytes_there(const Body& body) {
  EXPECT_FALSE(body.floats().device.is_cpu());
  return bytes_of(Body(std::make_shared<const Array>(host_copy(body.floats()))));
}

TEST(DeviceLetters, ArriveWithTheBitsThatWereSent) {
  for (const std::size_t size :
       {std::size_t{1}, kChunkFloats, kChunkFloats + 1, 3 * kChunkFloats}) {
    Processes run = Processes::of_two(2, size, device());
    run.start();
    const Slot vector = random_vector(size), longer = random_vector(size + 1);
    run.transport(0).send(letter(0, 0, Body(Slot(on_device(*vector)))), std::vector<Uid>{2, 3});
    run.transport(0).send(letter(1, 0, Body(Slot(on_device(*longer)))), std::vector<Uid>{2});
    const auto letters = run[1].box.wait_for(3);
    ASSERT_EQ(letters.size(), 3u) << run.failure(1);
    for (const int i : {0, 1}) {
      EXPECT_EQ(letters[i].first, 2 + i);
      EXPECT_EQ(bytes_there(letters[i].second.body), bytes_of(Body(vector)));
    }
    EXPECT_EQ(bytes_there(letters[2].second.body), bytes_of(Body(longer)));
  }
}

TEST(DeviceLetters, ComeOffTheDeviceOnceForAllWhoReadThem) {
  constexpr std::size_t kSize = 2 * kChunkFloats + 1;
  Processes run({{0, 1}, {2, 3}, {4}, {5, 6}}, kSize, device());
  run.start();
  const Slot vector = on_device(*random_vector(kSize));
  const std::size_t before = played_counts().bytes_off;
  run.transport(0).send(letter(0, 0, Body(vector)), std::vector<Uid>{1, 2, 3, 4, 5, 6});
  for (const int p : {1, 2, 3}) run[p].box.wait_for(p == 2 ? 1 : 2);
  EXPECT_EQ(played_counts().bytes_off - before, kSize * sizeof(float));
  ASSERT_EQ(run[0].box.letters().size(), 1u);
  EXPECT_EQ(run[0].box.letters()[0].second.body.floats().data, vector->data());
  const auto there = run[1].box.letters();
  EXPECT_EQ(there[0].second.body.floats().data, there[1].second.body.floats().data);
}

TEST(DeviceLetters, KeepTheirOrderWithAllThatIsSaid) {
  Processes run = Processes::of_two(2, 2 * kChunkFloats, device());
  run.start();
  const Slot vector = on_device(*random_vector(2 * kChunkFloats));
  for (const Round round : {0, 1}) {
    run.transport(0).send(letter(0, round, Body(vector)), std::vector<Uid>{2});
    run.transport(0).send(letter(0, round, Body(Bytes(5)), 1), std::vector<Uid>{2, 3});
    run.transport(0).group().post(1, Bytes(Header::kChunkBytes + 1));
  }
  run.transport(0).announce(0, 2);
  run[1].box.wait_for(6);
  while (run[1].box.round_of(0) < 2) std::this_thread::yield();
  std::vector<std::string> order;
  for (const auto& sent : run.network().sent()) {
    if (sent.from != 0 || sent.urgent) continue;
    const bool is_letter = sent.header.type == Type::kLetter;
    order.push_back((is_letter ? "letter " + std::to_string(sent.header.kind)
                     : sent.header.type == Type::kGroup ? "words"
                                                        : "news") +
                    (is_letter ? "." : " ") + std::to_string(sent.header.chunk));
  }
  EXPECT_THAT(order, ElementsAre("letter 0.1", "letter 0.2", "letter 1.0", "letter 1.1", "words 1",
                                 "words 2", "letter 0.1", "letter 0.2", "letter 1.0", "letter 1.1",
                                 "words 1", "words 2", "news 1"));
  EXPECT_EQ(run.failure(1), "");
}

TEST(DeviceLetters, ToWhoeverDoesNotReadTakeNoMoreThanTheirShareOfPinnedMemory) {
  constexpr std::size_t kSize = 20 * kChunkFloats;
  Processes run({{0, 1, 2}, {3}}, kSize, device());
  run.start();
  std::size_t before = 0;
  {
    const PlayedLock lock(played_mutex());
    before = played_pins().most_bytes = played_pins().bytes;
  }
  run.network().freeze(1);
  std::vector<Slot> vectors;
  for (Uid sender = 0; sender < 3; ++sender) {
    vectors.push_back(on_device(*counted_vector(kSize, static_cast<float>(sender))));
    run.transport(0).send(letter(sender, 0, Body(vectors.back())), std::vector<Uid>{3});
  }
  while (run.network().sent(Type::kLetter).size() < Departures::kMostChunks) {
    std::this_thread::yield();
  }
  run.network().freeze(1, false);
  const auto letters = run[1].box.wait_for(3);
  ASSERT_EQ(letters.size(), 3u) << run.failure(1);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(bytes_there(letters[i].second.body), bytes_there(Body(vectors[i])));
  }
  const PlayedLock lock(played_mutex());
  const std::size_t most = (played_pins().most_bytes - before) / Header::kChunkBytes;
  EXPECT_GE(most, Departures::kMostChunks);
  EXPECT_LE(most, Departures::kMostChunks + 2 + 3) << "with what is received";
}

TEST(DeviceLetters, AreAllThereWhenTheirSenderHasSaidGoodbye) {
  constexpr std::size_t kSize = 5 * kChunkFloats;
  Processes run = Processes::of_two(2, kSize, device());
  run.start();
  run.transport(0).send(letter(0, 0, Body(Slot(on_device(*random_vector(kSize))))),
                        std::vector<Uid>{2});
  const auto other = std::async(std::launch::async, [&run] { run.transport(1).finish(); });
  run.transport(0).finish();
  other.wait();
  EXPECT_EQ(run[1].box.letters().size(), 1u);
}

/// What a card that fails is: a fault of the process that has it.
TEST(DeviceLetters, ThatCannotLeaveADeviceAreADeviceErrorThere) {
  Processes run = Processes::of_two(2, 7, device());
  run.start();
  const Slot vector = on_device(*random_vector(7));
  const FailingMemory failing("CUDA device 0: its work failed");
  run.transport(0).send(letter(0, 0, Body(vector)), std::vector<Uid>{2});
  while (run.failure(1).empty()) std::this_thread::yield();
  EXPECT_EQ(run.failure(0), "process 0 (host0, nodes 0, 1): CUDA device 0: its work failed");
  EXPECT_EQ(run.transport(0).failure()->code(), ExitCode::kDevice);
  EXPECT_EQ(run.failure(1), run.failure(0));
  EXPECT_EQ(run.transport(1).failure()->code(), ExitCode::kPeer);
}

TEST(DeviceLetters, ThatCannotComeToADeviceAreADeviceErrorThere) {
  Processes run = Processes::of_two(2, 7, device());
  run.start();
  const FailingMemory failing("CUDA device 0: its work failed");
  run.network().forge(0, 1, [&] {
    Header header;
    header.type = Type::kLetter;
    header.form = Header::Form::kFloats;
    header.sender = 0;
    header.receiver = 2;
    header.run = run.network().sent(Type::kHeartbeat).at(0).header.run;
    header.chunk = 1;
    header.body_bytes = 28;
    return frame_of(header, Bytes(28));
  }());
  while (run.failure(0).empty()) std::this_thread::yield();
  EXPECT_EQ(run.transport(1).failure()->code(), ExitCode::kDevice);
  EXPECT_EQ(run.transport(0).failure()->code(), ExitCode::kPeer);
  EXPECT_THAT(run.failure(0), HasSubstr("process 1 (host1, nodes 2, 3): CUDA device 0"));
}

// --- news ----------------------------------------------------------------------------------------

TEST(News, ReachEveryProcess) {
  Processes run = Processes::of_two(3);
  run.start();
  run.transport(1).announce(2, 5);
  run.transport(1).announce(3, 4);
  run.network().settle();
  for (const int p : {0, 1, 2}) {
    EXPECT_EQ(run[p].box.round_of(2), 5);
    EXPECT_EQ(run[p].box.round_of(3), 4);
  }
}

TEST(News, AreTakenFromLettersWhereTheseGoBothWays) {
  Processes run = Processes::of_two(2);
  run.set_two_way(true);
  run.start();
  run.transport(0).announce(0, 1);
  run.transport(0).send(letter(0, 1, Body(Slot(counted_vector(4)))), std::vector<Uid>{2});
  run.network().settle();
  EXPECT_EQ(run[1].box.round_of(0), 1);
  run.network().pass(1);
  EXPECT_TRUE(run.network().sent(Type::kNews).empty()) << "the letter said it";
  run.transport(0).announce(0, 2);
  run.network().pass(1);
  EXPECT_EQ(run[1].box.round_of(0), 2) << "no letter came: the news are late, but come";
}

TEST(News, OfMoreNodesThanAFrameHoldsAllCome) {
  constexpr Uid kNodes = 70'000;
  std::vector<Uid> many(kNodes);
  std::iota(many.begin(), many.end(), 0);
  Processes run({many, {kNodes}});
  run.set_two_way(true);  // then they wait for the next heartbeat
  run.start();
  for (const Uid node : many) run.transport(0).announce(node, 3);
  run.network().pass(1);
  for (const Uid node : many) ASSERT_EQ(run[1].box.round_of(node), 3) << run.failure(1);
}

// --- signs of life -------------------------------------------------------------------------------

TEST(Heartbeats, GoToEveryProcessAtTheirPace) {
  Processes run = Processes::of_two(3);
  run.start();
  const auto before = run.network().sent(Type::kHeartbeat).size();
  run.network().pass(10);
  const auto beats = run.network().sent(Type::kHeartbeat).size() - before;
  EXPECT_NEAR(static_cast<double>(beats), 3 * 2 * 10 / 0.5, 12);
  for (const auto& sent : run.network().sent(Type::kHeartbeat)) EXPECT_TRUE(sent.urgent);
}

TEST(Heartbeats, MissingForTooLongNameTheProcessItsNodesAndTheRound) {
  Processes run = Processes::of_two(3);
  run.start();
  run.network().pass(2);
  run.network().freeze(2);
  run.network().pass(2.4);
  for (const int p : {0, 1}) EXPECT_EQ(run.failure(p), "");
  run.network().pass(1);
  for (const int p : {0, 1}) {
    EXPECT_THAT(run.failure(p),
                AllOf(StartsWith("process 2 (host2, nodes 4, 5) has been silent for 3"),
                      HasSubstr("s, in round 7")));
  }
}

TEST(Heartbeats, AreNotNeededWhereLettersCome) {
  Processes run = Processes::of_two(2);
  run.start();
  run.network().set_meddler([](int, int, Link::Frame& frame) {
    Rejection reason{};
    if (read_header(frame.header, reason)->type != Type::kHeartbeat) return;
    Header news;  // of nothing
    news = *read_header(frame.header, reason);
    news.type = Type::kNews;
    news.body_bytes = 0;
    frame = frame_of(news, {});
  });
  run.network().pass(10);
  EXPECT_EQ(run.failure(0), "");
  EXPECT_EQ(run.failure(1), "");
}

TEST(Heartbeats, OfAProcessThatStillLooksForOthersMayBeLate) {
  Processes run = Processes::of_two(2);
  run[0].common.start_timeout_s = 20;
  run.network().lose(1, 0);
  run.start();
  run.network().pass(19.5);
  EXPECT_EQ(run.failure(0), "");
  run.network().pass(1);
  EXPECT_THAT(run.failure(0), StartsWith("process 1 (host1, nodes 2, 3) has been silent for 20"));
}

TEST(Silence, OfTheProcessItselfIsNobodysFault) {
  Processes run = Processes::of_two(2);
  run[0].common.heartbeat_timeout_s = 1000;
  run.start();
  run.network().pass(1);
  run.network().freeze(1);
  run.network().pass(60);
  run.network().freeze(1, false);
  run.network().pass(2);
  EXPECT_EQ(run.failure(0), "");
  EXPECT_EQ(run.failure(1), "");
}

TEST(Silence, OfOneIsToldToAllWithOneCause) {
  Processes run = Processes::of_two(4);
  run[1].common.heartbeat_timeout_s = 1.5;  // finds it first
  run[0].common.heartbeat_timeout_s = run[2].common.heartbeat_timeout_s = 500;
  run.start();
  run.network().pass(1);
  run.network().freeze(3);
  run.network().pass(3);
  EXPECT_THAT(run.failure(1), StartsWith("process 3 (host3, nodes 6, 7) has been silent for 1.5"));
  EXPECT_EQ(run.failure(0), run.failure(1));
  EXPECT_EQ(run.failure(2), run.failure(1));
}

// --- progress ------------------------------------------------------------------------------------

class ProgressWatchdog : public ::testing::Test {
 protected:
  ProgressWatchdog() {
    for (int p = 0; p < 2; ++p) run_[p].common.progress_timeout_s = 30;
    run_.start();
  }

  Processes run_ = Processes::of_two(2);
};

TEST_F(ProgressWatchdog, NamesAProcessWhoseWorkStandsStill) {
  run_[1].works = true;
  run_.network().pass(29);
  EXPECT_EQ(run_.failure(0), "");
  run_.network().pass(3);
  EXPECT_EQ(run_.failure(0),
            "process 1 (host1, nodes 2, 3) has made no progress for 30.0 s, in round 7");
  EXPECT_EQ(run_.failure(1), run_.failure(0));
}

TEST_F(ProgressWatchdog, LetsASlowStepWork) {
  run_[1].works = true;
  for (int i = 0; i < 10; ++i) {
    run_.network().pass(25);
    ++run_[1].progress;
  }
  EXPECT_EQ(run_.failure(0), "");
}

TEST_F(ProgressWatchdog, DoesNotBlameWhoWaitedForTheWorkOfOthers) {
  run_[1].works = true;
  for (int i = 0; i < 4; ++i) {  // process 0 waits, with nothing to count
    run_.network().pass(25);
    ++run_[1].progress;
  }
  run_[1].works = false;
  run_[0].works = true;
  run_.network().pass(28);
  EXPECT_EQ(run_.failure(1), "") << "it began to work 28 s ago";
  run_.network().pass(4);
  EXPECT_THAT(run_.failure(1), StartsWith("process 0 (host0, nodes 0, 1) has made no progress"));
}

TEST_F(ProgressWatchdog, FindsThatEverybodyWaits) {
  run_.network().pass(29);
  EXPECT_EQ(run_.failure(0), "");
  run_.network().pass(3);
  EXPECT_EQ(run_.failure(0), "every process has waited for the others for 30.0 s");
}

TEST_F(ProgressWatchdog, CountsWhatIsOnItsWay) {
  for (Round round = 0; round < 5; ++round) {
    run_.network().pass(25);
    run_.transport(0).announce(0, round);
    run_.transport(1).announce(2, round);
    run_.transport(0).send(letter(0, round, Body(Slot(counted_vector(4)))), std::vector<Uid>{2});
  }
  EXPECT_EQ(run_.failure(0), "");
  EXPECT_EQ(run_.failure(1), "");
}

TEST(Progress, BeforeTheStartIsNotWatched) {
  Processes run = Processes::of_two(2);
  for (int p = 0; p < 2; ++p) run[p].common.progress_timeout_s = 5;
  run.make();
  run.join([](int) { return Transport::Facts{}; });
  run.network().pass(20);
  EXPECT_EQ(run.failure(0), "");
}

// --- failure -------------------------------------------------------------------------------------

TEST(Failure, OfAProcessIsToldToAllBeforeItLeaves) {
  Processes run = Processes::of_two(3);
  run.start();
  run.transport(1).fail("node 3, round 4: a parameter is not finite");
  run.network().pass(2);
  const std::string cause =
      "process 1 (host1, nodes 2, 3) failed: node 3, round 4: a parameter is not finite";
  for (const int p : {0, 2}) EXPECT_EQ(run.failure(p), cause) << "not that it was lost";
}

TEST(Failure, IsWhatWasHeardFirst) {
  Processes run = Processes::of_two(3);
  run.start();
  run.transport(1).fail("first");
  run.network().settle();
  run.transport(2).fail("second");
  run.network().pass(1);
  EXPECT_THAT(run.failure(0), HasSubstr("first"));
  EXPECT_THAT(run.failure(2), HasSubstr("first"));
}

TEST(Failure, IsToldOnceByEach) {
  Processes run = Processes::of_two(4);
  run.start();
  run.network().kill(3);
  run.network().pass(5);
  std::map<int, int> told;
  for (const auto& sent : run.network().sent(Type::kFailure)) ++told[sent.from];
  for (const auto& [from, times] : told) EXPECT_EQ(times, 3) << from;
}

TEST(ALostConnection, IsNamedWithTheProcessItsNodesAndTheRound) {
  Processes run = Processes::of_two(3);
  run.start();
  run.network().pass(1);
  run.network().kill(1);
  run.network().pass(0.4);
  EXPECT_EQ(run.failure(0), "") << "somebody may know why";
  run.network().pass(0.3);
  for (const int p : {0, 2}) {
    EXPECT_EQ(run.failure(p),
              "process 1 (host1, nodes 2, 3) was lost, in round 7: its connection was closed");
  }
}

TEST(ALostConnection, IsNotTheCauseWhenTheCauseComesLater) {
  Processes run = Processes::of_two(3);
  run.network().delay(1, 0, 0.3);  // process 0 sees 2 leave before it hears why
  run.start();
  run.network().pass(1);
  run.network().lose(2, 0);
  run.transport(1).fail("the disk is full");
  run.network().settle();
  run.network().pass(0.1);
  run.transport(2).fail("repeats");
  run.network().pass(2);
  EXPECT_THAT(run.failure(0), HasSubstr("the disk is full"));
}

// --- what no process of this run sends -----------------------------------------------------------

class Forgery : public ::testing::Test {
 protected:
  Forgery() { run_.start(); }

  Header header(Type type, std::uint64_t body_bytes) {
    Header header = run_.network().sent(Type::kHeartbeat).front().header;  // knows the run
    header.type = type;
    header.form = Header::Form::kCoded;
    header.sender = 1;
    header.receiver = 0;
    header.body_bytes = body_bytes;
    return header;
  }

  Header letter_header(std::uint64_t body_bytes) {
    Header letter = header(Type::kLetter, body_bytes);
    letter.sender = 2;
    return letter;
  }

  /// What process 0 says to a frame of process 1.
  std::string answer_to(const Header& header, const Bytes& payload) {
    run_.network().forge(1, 0, frame_of(header, payload));
    run_.network().settle();
    EXPECT_TRUE(run_[0].box.letters().empty());
    const std::string answer = run_.failure(0);
    const std::string begin = "process 1 (host1, nodes 2, 3) sent ";
    const std::string end = ", which this run cannot have sent";
    if (!answer.starts_with(begin) || !answer.ends_with(end)) return answer;
    return answer.substr(begin.size(), answer.size() - begin.size() - end.size());
  }

  std::uint64_t rejected(Rejection reason) {
    return run_.transport(0).rejected()[static_cast<std::size_t>(reason)];
  }

  Processes run_ = Processes::of_two(2);
};

TEST_F(Forgery, OfAnotherRunEndsTheRun) {
  Header other = letter_header(16);
  ++other.run[1];
  EXPECT_EQ(answer_to(other, Bytes(16)), "a message of another run");
  EXPECT_EQ(rejected(Rejection::kRun), 1u);
}

TEST_F(Forgery, OfAnotherNodeEndsTheRun) {
  Header other = letter_header(16);
  other.sender = 1;
  EXPECT_EQ(answer_to(other, Bytes(16)), "a message of node 1, which does not live there");
  EXPECT_EQ(rejected(Rejection::kSender), 1u);
}

TEST_F(Forgery, InTheNameOfAnotherProcessEndsTheRun) {
  Header other = header(Type::kHeartbeat, 24);
  other.sender = 0;
  EXPECT_EQ(answer_to(other, Bytes(24)), "a message in the name of another process");
}

TEST_F(Forgery, ThatIsDamagedEndsTheRun) {
  Link::Frame frame = frame_of(letter_header(16), Bytes(16));
  const auto damaged = std::make_shared<const Bytes>(16, std::byte{1});
  frame.payload = *damaged;
  frame.keep = damaged;
  run_.network().forge(1, 0, frame);
  run_.network().settle();
  EXPECT_THAT(run_.failure(0), HasSubstr("sent a damaged message"));
  EXPECT_EQ(rejected(Rejection::kChecksum), 1u);
  EXPECT_TRUE(run_[0].box.letters().empty());
}

TEST_F(Forgery, OfTheStartEndsTheRun) {
  for (const Type type : {Type::kJoin, Type::kWelcome, Type::kRefusal, Type::kHello}) {
    EXPECT_EQ(answer_to(header(type, 0), {}), "a message of the start");
  }
}

TEST_F(Forgery, OfASenselessHeartbeatEndsTheRun) {
  EXPECT_EQ(answer_to(header(Type::kHeartbeat, Header::kChunkBytes), Bytes(Header::kChunkBytes)),
            "half a heartbeat");
}

TEST_F(Forgery, OfControlInChunksEndsTheRun) {
  Header chunked = header(Type::kFailure, 3 * Header::kChunkBytes);
  EXPECT_EQ(answer_to(chunked, Bytes(Header::kChunkBytes)), "a control message of several chunks");
}

TEST_F(Forgery, OfNewsThatCannotBeEndsTheRun) {
  const auto news = [this](std::int64_t node, std::int64_t round) {
    return answer_to(header(Type::kNews, 16), packed<std::int64_t>({node, round}));
  };
  EXPECT_EQ(news(2, 1000), "news of round 1000") << "there are 1000, from 0 on";
}

TEST_F(Forgery, OfNewsFromThePastBeforeTimeEndsTheRun) {
  EXPECT_EQ(answer_to(header(Type::kNews, 16), packed<std::int64_t>({2, -1})), "news of round -1");
}

TEST_F(Forgery, OfNewsAboutNodesElsewhereEndsTheRun) {
  EXPECT_EQ(answer_to(header(Type::kNews, 16), packed<std::int64_t>({0, 1})),
            "news of a node that does not live there");
  EXPECT_EQ(run_[0].box.round_of(0), 0);
}

TEST_F(Forgery, OfNewsAboutNoNodeEndsTheRun) {
  EXPECT_EQ(answer_to(header(Type::kNews, 16), packed<std::int64_t>({std::int64_t{1} << 40, 1})),
            "news of a node that does not live there");
}

TEST_F(Forgery, OfHalfNewsEndsTheRun) {
  EXPECT_EQ(answer_to(header(Type::kNews, 15), Bytes(15)), "news that make no sense");
}

TEST_F(Forgery, IsNotReadOnAfterwards) {
  // The list of readers is unchecked when its checksum fails; an empty letter would go to them.
  Header list = letter_header(0);
  list.receiver = -2;
  list.chunk = 0;
  Link::Frame frame = frame_of(list, packed<std::int32_t>({0, 1'000'000}));
  frame.header[60] ^= std::byte{1};
  run_.network().forge(1, 0, frame);
  Header empty = letter_header(0);
  empty.receiver = 5;
  run_.network().forge(1, 0, frame_of(empty, {}));
  run_.network().forge(1, 0, frame_of(letter_header(0), {}));
  run_.network().settle();
  EXPECT_TRUE(run_[0].box.letters().empty());
  EXPECT_EQ(rejected(Rejection::kChecksum), 1u);
  const Rejections all = run_.transport(0).rejected();
  EXPECT_EQ(std::accumulate(all.begin(), all.end(), std::uint64_t{0}), 1u);
}

TEST_F(Forgery, OfEmptyControlIsNotActedOn) {
  Header goodbye = header(Type::kGoodbye, 0);
  goodbye.sender = 0;
  EXPECT_EQ(answer_to(goodbye, {}), "a message in the name of another process");
  EXPECT_TRUE(run_.network().sent(Type::kFarewell).empty());
}

TEST_F(Forgery, ThatTheLinkFindsEndsTheRunToo) {
  run_.network().reject(1, 0, Rejection::kLength);
  run_.network().settle();
  EXPECT_EQ(run_.failure(0),
            "process 1 (host1, nodes 2, 3) sent what this run cannot have sent (length)");
}

TEST_F(Forgery, OfAStrangerIsCountedAndNoMore) {
  for (int i = 0; i < 5; ++i) run_.network().reject(-1, 0, Rejection::kMagic);
  run_.network().settle();
  EXPECT_EQ(run_.failure(0), "");
  EXPECT_EQ(rejected(Rejection::kMagic), 5u);
}

TEST(ALetter, BeforeTheStartEndsTheRun) {
  Processes run = Processes::of_two(2);
  run.make();
  run.join([](int) { return Transport::Facts{}; });
  run.network().pass(0.05);
  Header header = run.network().sent(Type::kHeartbeat).front().header;
  header.type = Type::kLetter;
  header.sender = 2;
  header.receiver = 0;
  header.body_bytes = 4;
  run.network().forge(1, 0, frame_of(header, Bytes(4)));
  run.network().settle();
  EXPECT_THAT(run.failure(0), HasSubstr("a letter before the start"));
}

// --- the end -------------------------------------------------------------------------------------

class Goodbye : public ::testing::Test {
 protected:
  std::future<std::string> finish(int process) {
    return std::async(std::launch::async, [this, process]() -> std::string {
      try {
        run_.transport(process).finish();
        return "";
      } catch (const Error& error) {
        return error.what();
      }
    });
  }

  void wait_for_goodbye(int from) {
    const auto said = [&] {
      for (const auto& sent : run_.network().sent(Type::kGoodbye)) {
        if (sent.from == from) return true;
      }
      return false;
    };
    while (!said()) std::this_thread::yield();
    run_.network().settle();
  }

  static bool over(const std::future<std::string>& end) {
    return end.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  }

  Processes run_ = Processes::of_two(3);
};

TEST_F(Goodbye, EndsWhenAllHaveSaidIt) {
  run_.start();
  std::vector<std::future<std::string>> ends;
  for (const int p : {0, 1, 2}) ends.push_back(finish(p));
  for (auto& end : ends) EXPECT_EQ(end.get(), "");
}

TEST_F(Goodbye, WaitsForWhoeverHasNotSaidIt) {
  run_.start();
  auto first = finish(1), second = finish(2);
  wait_for_goodbye(1);
  wait_for_goodbye(2);
  run_.network().pass(100);
  EXPECT_FALSE(over(first)) << "process 0 may write for long";
  EXPECT_EQ(finish(0).get(), "");
  EXPECT_EQ(first.get(), "");
  EXPECT_EQ(second.get(), "");
}

TEST_F(Goodbye, IsNotHeardBeforeWhatWasSaidBefore) {
  run_[0].common.heartbeat_timeout_s = 100;
  run_.start();
  run_.network().delay(1, 0, 20);  // a slow line
  Group& group = run_.transport(1).group();
  group.post(0, Bytes(3 * Header::kChunkBytes, std::byte{9}));
  for (const auto& sent : run_.network().sent(Type::kGroup)) EXPECT_FALSE(sent.urgent);
  auto first = finish(1), second = finish(2);
  wait_for_goodbye(1);
  for (const auto& sent : run_.network().sent(Type::kGoodbye)) EXPECT_FALSE(sent.urgent);
  run_.network().pass(12);
  EXPECT_FALSE(over(first)) << "what it said is still on its way";
  run_.network().pass(10);
  EXPECT_EQ(run_.transport(0).group().take(1).value().size(), 3 * Header::kChunkBytes);
  auto third = finish(0);
  wait_for_goodbye(0);
  run_.network().pass(21);
  EXPECT_EQ(third.get(), "");
  EXPECT_EQ(first.get(), "");
  EXPECT_EQ(second.get(), "");
}

TEST_F(Goodbye, OfAProcessThatIsLostAfterwardsIsEnough) {
  run_.start();
  auto first = finish(1);
  wait_for_goodbye(1);
  run_.network().kill(1);
  run_.network().pass(10);
  EXPECT_EQ(run_.failure(0), "");
  auto second = finish(2);
  EXPECT_EQ(finish(0).get(), "");
  EXPECT_EQ(second.get(), "");
  run_[1].signal = 15;
  first.wait();
}

TEST_F(Goodbye, OfAProcessThatFallsSilentAfterwardsIsEnough) {
  run_.start();
  auto first = finish(1);
  wait_for_goodbye(1);
  run_.network().freeze(1);
  auto second = finish(2), third = finish(0);
  wait_for_goodbye(0);
  run_.network().pass(5);
  EXPECT_EQ(second.get(), "");
  EXPECT_EQ(third.get(), "");
  run_.network().freeze(1, false);
  EXPECT_EQ(first.get(), "");
}

TEST_F(Goodbye, OfSomebodyLostBeforeIsAFailure) {
  run_.start();
  auto first = finish(1);
  wait_for_goodbye(1);
  run_.network().kill(2);
  run_.network().pass(2);
  EXPECT_THAT(first.get(), StartsWith("process 2 (host2, nodes 4, 5) was lost"));
}

TEST_F(Goodbye, SaidTwiceCountsOnce) {
  run_.start();
  Header header = run_.network().sent(Type::kHeartbeat).front().header;
  header.receiver = 0;
  header.body_bytes = 0;
  header.sender = 1;
  auto end = finish(0);
  wait_for_goodbye(0);
  for (const Type type : {Type::kGoodbye, Type::kFarewell, Type::kGoodbye, Type::kFarewell}) {
    header.type = type;
    run_.network().forge(1, 0, frame_of(header, {}));
  }
  run_.network().settle();
  EXPECT_FALSE(over(end)) << "process 2 has not said it";
  run_.transport(2).fail("over");
  EXPECT_THAT(end.get(), HasSubstr("over"));
}

TEST_F(Goodbye, IsCutShortByASignal) {
  run_.start();
  auto end = finish(1);
  run_[1].signal = 2;
  EXPECT_THAT(end.get(), HasSubstr("signal"));
}

// --- the beginning -------------------------------------------------------------------------------

TEST(Join, GivesEverybodyTheWordsOfProcess0) {
  Processes run = Processes::of_two(3);
  run.make();
  EXPECT_THAT(run.join([](int) {
    return Transport::Facts{{"/name", "a"}};
  }),
              ElementsAre("words of 0", "words of 0", "words of 0"));
}

class JoinObjects : public ::testing::Test {
 protected:
  /// What process 0 objects to when process 2 says `theirs` and the others `ours`.
  static std::string objection(const Transport::Facts& ours, const Transport::Facts& theirs) {
    Processes run = Processes::of_two(3);
    run.make();
    const auto words = run.join([&](int p) { return p == 2 ? theirs : ours; });
    EXPECT_EQ(words[1], "3: " + words[0].substr(3)) << "the others hear the same";
    EXPECT_EQ(words[2], words[1]);
    const std::string begin = "2: process 2 (host2, nodes 4, 5) runs something else: ";
    EXPECT_THAT(words[0], StartsWith(begin));
    return words[0].substr(std::min(begin.size(), words[0].size()));
  }
};

TEST_F(JoinObjects, NamingTheFirstDifference) {
  const Transport::Facts ours{{"/nodes", "4"}, {"/training/lr", "0.1"}, {"/seed", "1"}};
  EXPECT_EQ(objection(ours, {{"/nodes", "4"}, {"/training/lr", "0.2"}, {"/seed", "2"}}),
            "/training/lr is 0.2 there and 0.1 here");
  EXPECT_EQ(objection(ours, {{"/nodes", "4"}, {"/seed", "1"}}),
            "/training/lr is 0.1 here, and not set there");
  EXPECT_EQ(objection(ours, {{"/nodes", "4"}, {"/training/lr", "0.1"}}),
            "/seed is 1 here, and not set there");
  EXPECT_EQ(objection({{"/nodes", "4"}}, {{"/nodes", "4"}, {"/seed", "1"}}),
            "/seed is 1 there, and not set here");
}

TEST_F(JoinObjects, EvenWhenTheFactsFillMoreThanAFrame) {
  Transport::Facts ours;
  for (int i = 0; i < 100'000; ++i) {
    ours.emplace_back("/mapping/nodes/" + std::to_string(i), std::to_string(i % 7));
  }
  Transport::Facts theirs = ours;
  theirs[99'999].second = "8";
  EXPECT_THAT(objection(ours, theirs), StartsWith("the hash of all from /mapping/nodes/"));
  theirs = ours;
  theirs[17].second = "8";
  EXPECT_EQ(objection(ours, theirs), "/mapping/nodes/17 is 8 there and 3 here");
  Processes run = Processes::of_two(2);
  run.make();
  EXPECT_EQ(run.join([&](int) { return ours; })[1], "words of 0");
}

// --- the Group -----------------------------------------------------------------------------------

TEST(Words, ComeInTheOrderTheyWereSaid) {
  Processes run = Processes::of_two(2);
  run.start();
  Group& ours = run.transport(0).group();
  Group& theirs = run.transport(1).group();
  Bytes large(2 * Header::kChunkBytes + 1);
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<std::byte>(i % 251);
  theirs.post(0, large);
  theirs.post(0, {});
  theirs.post(0, packed<char>({'x'}));
  run.network().settle();
  EXPECT_EQ(ours.take(1), large);
  EXPECT_EQ(ours.take(1), Bytes());
  EXPECT_EQ(ours.take(1), packed<char>({'x'}));
  EXPECT_EQ(ours.take(1), std::nullopt);
}

class GroupForgery : public Forgery {};

TEST_F(GroupForgery, OutOfOrderEndsTheRun) {
  Header second = header(Type::kGroup, 2 * Header::kChunkBytes);
  second.chunk = 2;
  EXPECT_EQ(answer_to(second, Bytes(Header::kChunkBytes)), "a chunk without its beginning");
}

TEST_F(GroupForgery, ThatChangesItsMindEndsTheRun) {
  run_.network().forge(
      1, 0, frame_of(header(Type::kGroup, 2 * Header::kChunkBytes), Bytes(Header::kChunkBytes)));
  Header second = header(Type::kGroup, 3 * Header::kChunkBytes);
  second.chunk = 2;
  EXPECT_EQ(answer_to(second, Bytes(Header::kChunkBytes)), "a chunk out of its order");
}

TEST_F(GroupForgery, OfMoreThanAnybodyReadsEndsTheRun) {
  EXPECT_EQ(answer_to(header(Type::kGroup, std::uint64_t{5} << 30), Bytes(Header::kChunkBytes)),
            "more than anybody reads, 5368709120 bytes");
}

TEST_F(GroupForgery, OfTooManyWordsEndsTheRun) {
  for (int i = 0; i < 4096; ++i) {
    run_.network().forge(1, 0, frame_of(header(Type::kGroup, 0), {}));
  }
  run_.network().settle();
  EXPECT_EQ(run_.failure(0), "");
  EXPECT_THAT(answer_to(header(Type::kGroup, 0), {}), StartsWith("more than anybody reads"));
}

TEST_F(GroupForgery, ThatAnnouncesMuchTakesNoMemoryForIt) {
  const auto pages = [] {
    long total = 0;
    std::ifstream("/proc/self/statm") >> total;
    return total;
  };
  const long before = pages();
  run_.network().forge(
      1, 0, frame_of(header(Type::kGroup, std::uint64_t{4} << 30), Bytes(Header::kChunkBytes)));
  run_.network().settle();
  EXPECT_EQ(run_.failure(0), "");
  EXPECT_LT((pages() - before) * 4096, 256 << 20) << "of address space";
}

TEST(Wait, OfAGroupEndsWithTheRun) {
  Processes run = Processes::of_two(2);
  run.start();
  auto waiting = std::async(std::launch::async, [&] {
    return message_of<Error>([&] { run.transport(0).group().wait(1); });
  });
  run.transport(1).fail("no more");
  EXPECT_EQ(waiting.get(), "process 1 (host1, nodes 2, 3) failed: no more");
}

TEST(Wait, OfAGroupEndsWithASignal) {
  Processes run = Processes::of_two(2);
  run.start();
  run[0].signal = 15;
  try {
    run.transport(0).group().wait(1);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(static_cast<int>(error.code()), 143);
  }
}

}  // namespace
}  // namespace kith
