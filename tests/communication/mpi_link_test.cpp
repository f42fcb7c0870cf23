#include "communication/mpi_link.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <numeric>
#include <thread>

#include "communication/launched.h"
#include "core/clock.h"

/// Every rank of a job runs these tests, one after the other, over one link: `mpirun -n 2` or more.
namespace kith {
namespace {

constexpr double kTooLong_s = 60;
constexpr std::uint16_t kUnwanted = 7;
constexpr std::size_t kMiB = std::size_t{1} << 20;

/// Bytes that nothing else looks like.
Bytes noise(std::size_t size, std::uint64_t seed) {
  Bytes bytes(size);
  std::uint64_t state = 0x9E3779B97F4A7C15u * (seed + 1);
  for (std::byte& byte : bytes) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    byte = static_cast<std::byte>(state >> 56);
  }
  return bytes;
}

/// What came from each rank.
class Inbox final : public Link::Listener {
 public:
  struct Letter {
    Header header;
    Bytes payload;
  };

  explicit Inbox(int ranks) : coming_(static_cast<std::size_t>(ranks)), letters_(coming_.size()) {}

  std::deque<Letter>& from(int rank) { return letters_[static_cast<std::size_t>(rank)]; }
  const std::vector<std::string>& troubles() const { return troubles_; }
  int refused() const { return refused_; }
  Bytes welcome;

  void welcomed(ByteView words) override { welcome.assign(words.begin(), words.end()); }
  std::byte* arriving(int rank, const Header& header) override {
    if (header.kind == kUnwanted) {
      ++refused_;
      return nullptr;
    }
    Bytes& coming = coming_[static_cast<std::size_t>(rank)];
    coming.resize(header.payload_bytes() + 1);  // so that there is a place also for nothing
    return coming.data();
  }
  void arrived(int rank, const Header& header, ByteView bytes, std::uint64_t hash) override {
    if (!checksum_holds(header, bytes, hash)) troubles_.push_back("a wrong checksum");
    Bytes& coming = coming_[static_cast<std::size_t>(rank)];
    coming.resize(header.payload_bytes());
    from(rank).push_back({header, std::move(coming)});
  }
  void rejected(int rank, Rejection reason) override {
    troubles_.push_back("rank " + std::to_string(rank) + " rejected: " + name_of(reason));
  }
  void lost(int rank, const std::string& why) override {
    troubles_.push_back("rank " + std::to_string(rank) + " lost: " + why);
  }

 private:
  std::vector<Bytes> coming_;
  std::vector<std::deque<Letter>> letters_;
  std::vector<std::string> troubles_;
  int refused_ = 0;
};

/// The ranks, met once: MPI begins and ends once in a process.
class Job final : public ::testing::Environment {
 public:
  // More than a frame holds.
  static constexpr std::size_t kHello = 3 * Header::kChunkBytes + 17;

  void SetUp() override {
    const std::optional<Launched> launched = Launched::from_environment();
    ASSERT_TRUE(launched && launched->processes > 1) << "start it with mpirun -n 2";
    link = make_mpi_link(launched->process, launched->processes);
    inbox = std::make_unique<Inbox>(launched->processes);
    Link::Meeting meeting;
    meeting.hello = noise(kHello, static_cast<std::uint64_t>(launched->process));
    if (launched->process == 0) meeting.welcome = noise(kHello, 99);
    meeting.objection = [this](int rank, ByteView hello) -> std::string {
      hellos[rank].assign(hello.begin(), hello.end());
      return "";
    };
    meeting.pending_signal = [] { return 0; };
    told = link->join(meeting, *inbox);
  }

  void TearDown() override {
    if (link) link->close(kTooLong_s);
  }

  std::unique_ptr<Link> link;
  std::unique_ptr<Inbox> inbox;
  std::map<int, Bytes> hellos;
  Bytes told;
};

// GoogleTest takes it.
Job& job =
    static_cast<Job&>(*::testing::AddGlobalTestEnvironment(std::make_unique<Job>().release()));

class MpiLinkTest : public ::testing::Test {
 protected:
  /// Nothing is on its way when a test begins: whoever is here has heard all of the one before.
  void SetUp() override {
    for (int to = 0; to < ranks(); ++to) {
      if (to != me()) send(to, {});
    }
    for (int from = 0; from < ranks(); ++from) {
      if (from != me()) hear(from);
    }
  }
  void TearDown() override { EXPECT_EQ(inbox().troubles(), std::vector<std::string>{}); }

  static Link& link() { return *job.link; }
  static Inbox& inbox() { return *job.inbox; }
  static int me() { return link().process(); }
  static int ranks() { return link().processes(); }
  static int next() { return (me() + 1) % ranks(); }
  static int previous() { return (me() + ranks() - 1) % ranks(); }
  static std::uint64_t seed(int from, int to, std::size_t i) {
    return static_cast<std::uint64_t>(from * 1000 + to) * 1000 + i;
  }

  /// A letter as the transport cuts it. Chunk 0 has no part in it.
  static std::vector<Link::Frame> frames(const std::shared_ptr<const Bytes>& body, int to,
                                         std::uint16_t kind = 0) {
    Header header;
    header.sender = me();
    header.receiver = to;
    header.kind = kind;
    header.body_bytes = body->size();
    std::vector<Link::Frame> all;
    for (header.chunk = 1; header.chunk <= header.chunks(); ++header.chunk) {
      const ByteView payload =
          ByteView(*body).subspan((header.chunk - 1) * Header::kChunkBytes, header.payload_bytes());
      all.push_back({write_header(header, payload_hash(payload)), payload, body});
    }
    return all;
  }

  static void send(int to, Bytes body, std::uint16_t kind = 0, bool urgent = false) {
    link().send(to, frames(std::make_shared<const Bytes>(std::move(body)), to, kind), urgent);
  }

  /// The next frame of a rank.
  static Inbox::Letter hear(int from) {
    const double deadline_s = now_s() + kTooLong_s;
    while (inbox().from(from).empty()) {
      if (now_s() > deadline_s) {
        ADD_FAILURE() << "rank " << me() << " heard nothing of rank " << from;
        return {};
      }
      link().poll(inbox(), 0.1);
    }
    Inbox::Letter letter = std::move(inbox().from(from).front());
    inbox().from(from).pop_front();
    return letter;
  }

  /// The next letter of a rank, from all its frames.
  static Bytes hear_letter(int from) {
    Bytes body;
    for (std::uint32_t chunk = 1;; ++chunk) {
      const Inbox::Letter part = hear(from);
      EXPECT_EQ(part.header.chunk, chunk);
      body.insert(body.end(), part.payload.begin(), part.payload.end());
      if (part.header.chunk != chunk || chunk == part.header.chunks()) return body;
    }
  }
};

TEST_F(MpiLinkTest, EverybodyHearsTheWelcomeOfProcess0) {
  EXPECT_EQ(job.told, noise(Job::kHello, 99));
  EXPECT_EQ(inbox().welcome, job.told);
}

TEST_F(MpiLinkTest, Process0HearsEveryHello) {
  EXPECT_EQ(std::ssize(job.hellos), me() == 0 ? ranks() - 1 : 0);
  for (const auto& [rank, hello] : job.hellos) {
    EXPECT_EQ(hello, noise(Job::kHello, static_cast<std::uint64_t>(rank)));
  }
}

TEST_F(MpiLinkTest, EverybodyKnowsWhereTheOthersRun) {
  for (int rank = 0; rank < ranks(); ++rank) {
    EXPECT_FALSE(link().address(rank).empty());
    EXPECT_EQ(link().address(rank), link().address(me()));  // all on this machine
  }
}

TEST_F(MpiLinkTest, FramesOfEverySizeComeWithTheirBitsAndInOrder) {
  const std::vector<std::size_t> sizes{0, 1, 63, 64, 4096, 65'536, 300'001, Header::kChunkBytes,
                                       0, 5};
  for (int to = 0; to < ranks(); ++to) {
    if (to == me()) continue;
    for (std::size_t i = 0; i < sizes.size(); ++i) send(to, noise(sizes[i], seed(me(), to, i)));
  }
  for (int from = 0; from < ranks(); ++from) {
    if (from == me()) continue;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      const Inbox::Letter letter = hear(from);
      EXPECT_EQ(letter.header.sender, from);
      EXPECT_EQ(letter.payload, noise(sizes[i], seed(from, me(), i))) << sizes[i] << " bytes";
    }
  }
}

TEST_F(MpiLinkTest, ALetterOf64MBGoesBothWaysAtOnce) {
  const std::size_t size = 64 * kMiB + 12'345;
  send(next(), noise(size, seed(me(), next(), 1)));
  EXPECT_EQ(hear_letter(previous()), noise(size, seed(previous(), me(), 1)));
}

TEST_F(MpiLinkTest, AnUrgentFrameOvertakesALetter) {
  // All that it cannot overtake is what MPI has already: a poll, which takes in what has come and
  // sends once, gives it a few frames.
  constexpr std::size_t kChunks = 64;
  constexpr int kHasMpiAtMost = 4;
  send(next(), Bytes(kChunks * Header::kChunkBytes));
  link().poll(inbox(), 0);
  send(next(), Bytes(3), /*kind=*/1, /*urgent=*/true);
  int position = -1;
  for (int i = 0; i <= static_cast<int>(kChunks); ++i) {
    if (hear(previous()).header.kind == 1) position = i;
  }
  EXPECT_GE(position, 0);
  EXPECT_LE(position, kHasMpiAtMost);
}

TEST_F(MpiLinkTest, WhatNobodyWantsIsPassedOver) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{10}, Header::kChunkBytes}) {
    send(next(), noise(size, 1));
    send(next(), noise(size, 2), kUnwanted);
  }
  send(next(), noise(77, 3));
  for (const std::size_t size : {std::size_t{0}, std::size_t{10}, Header::kChunkBytes}) {
    EXPECT_EQ(hear(previous()).payload, noise(size, 1));
  }
  EXPECT_EQ(hear(previous()).payload, noise(77, 3));
  EXPECT_EQ(inbox().refused(), 3);
}

TEST_F(MpiLinkTest, EverybodyTalksToEverybodyAtOnce) {
  constexpr std::size_t kLetters = 40;
  const auto size = [](std::size_t i) { return i * 50'000; };
  for (std::size_t i = 0; i < kLetters; ++i) {
    for (int to = 0; to < ranks(); ++to) {
      if (to != me()) send(to, noise(size(i), seed(me(), to, i)));
    }
  }
  for (std::size_t i = 0; i < kLetters; ++i) {
    for (int from = 0; from < ranks(); ++from) {
      if (from != me()) {
        EXPECT_EQ(hear_letter(from), noise(size(i), seed(from, me(), i)));
      }
    }
  }
}

TEST_F(MpiLinkTest, WhatOneCallSendsStaysTogether) {
  constexpr std::uint16_t kThreads = 4;
  constexpr int kEach = 10;
  const std::size_t size = 3 * Header::kChunkBytes + 1;
  std::vector<std::thread> threads;
  for (std::uint16_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([size, t] {
      for (int i = 0; i < kEach; ++i)
        send(next(), noise(size, t), static_cast<std::uint16_t>(10 + t));
    });
  }
  for (int i = 0; i < kThreads * kEach; ++i) {
    const Inbox::Letter first = hear(previous());
    Bytes body = first.payload;
    for (std::uint32_t chunk = 2; chunk <= first.header.chunks(); ++chunk) {
      const Inbox::Letter part = hear(previous());
      ASSERT_EQ(part.header.chunk, chunk);
      body.insert(body.end(), part.payload.begin(), part.payload.end());
    }
    EXPECT_EQ(body, noise(size, first.header.kind - 10u));
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(MpiLinkTest, AnotherThreadEndsAPoll) {
  const double start_s = now_s();
  std::thread other([] { link().wake(); });
  link().poll(inbox(), kTooLong_s);
  other.join();
  EXPECT_LT(now_s() - start_s, kTooLong_s);
}

TEST_F(MpiLinkTest, CountsTheBytesItSends) {
  link().poll(inbox(), 0);  // what waits is sent
  const std::uint64_t before = link().wire_bytes();
  send(next(), noise(1000, 4));
  EXPECT_EQ(hear(previous()).payload, noise(1000, 4));
  send(next(), {});
  EXPECT_EQ(hear(previous()).payload, Bytes{});
  const std::uint64_t expected = 2 * kHeaderBytes + 1000;
  const double deadline_s = now_s() + kTooLong_s;
  while (link().wire_bytes() - before < expected && now_s() < deadline_s) link().poll(inbox(), 0);
  EXPECT_EQ(link().wire_bytes() - before, expected);
}

}  // namespace
}  // namespace kith
