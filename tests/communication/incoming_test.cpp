#include "communication/incoming.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <optional>

#include "core/device_memory.h"
#include "core/random.h"
#include "kernels/device/device_under_test.h"
#include "support/processes.h"

namespace kith {
namespace {

using ::testing::ElementsAre;

constexpr std::uint64_t kChunk = Header::kChunkBytes;
constexpr std::size_t kNumbers = 3 * kChunk / sizeof(float) + 1;  // of a model
constexpr std::uint64_t kMost = 2 * sizeof(float) * kNumbers;

/// Process 0 has the nodes 0, 2, 4, process 1 the nodes 1, 3, 5; what comes from process 1.
class IncomingLetters : public ::testing::Test {
 protected:
  IncomingLetters() {
    for (auto& round : now_) round = 10;
    begin_anew();
  }

  void begin_anew(std::uint64_t most_body_bytes = kMost) {
    incoming_.emplace(
        Incoming::Rules{placement_, 0, 1, most_body_bytes, 2, 100, 2, vectors_, now_});
  }

  static Header head(std::uint64_t body_bytes, Uid receiver = 0, Uid sender = 1) {
    Header header;
    header.type = Header::Type::kLetter;
    header.form = Header::Form::kCoded;
    header.sender = sender;
    header.receiver = receiver;
    header.round = 10;
    header.chunk = 1;
    header.body_bytes = body_bytes;
    return header;
  }

  /// From now on vectors lie on a device, where the host may not touch them.
  void begin_on_a_device() {
    const Device& device = kernels::device_under_test().device;
    vectors_there_.emplace(kNumbers, device);
    landing_.emplace(device, kChunk, 1);
    incoming_.emplace(
        Incoming::Rules{placement_, 0, 1, kMost, 2, 100, 2, *vectors_there_, now_, 0, &*landing_});
  }

  /// Gives a frame; the letter when it was the last of one.
  std::optional<Incoming::Letter> give(const Header& header, ByteView payload) {
    std::byte* const place = incoming_->place(header);
    EXPECT_EQ(payload.size(), header.payload_bytes());
    if (!payload.empty()) std::memcpy(place, payload.data(), payload.size());
    Incoming::Letter letter;
    if (!incoming_->add(header, letter)) return std::nullopt;
    return letter;
  }

  /// All chunks of a letter.
  std::optional<Incoming::Letter> give_all(Header header, const Bytes& body,
                                           const std::vector<Uid>& receivers = {}) {
    header.body_bytes = body.size();
    if (!receivers.empty()) {
      header.receiver = -static_cast<std::int32_t>(receivers.size());
      header.chunk = 0;
      EXPECT_FALSE(give(header, std::as_bytes(std::span(receivers))));
    }
    std::optional<Incoming::Letter> letter;
    for (header.chunk = 1; header.chunk <= header.chunks(); ++header.chunk) {
      EXPECT_FALSE(letter);
      letter =
          give(header, ByteView(body).subspan((header.chunk - 1) * kChunk, header.payload_bytes()));
    }
    return letter;
  }

  /// What is wrong with a frame: "reason: words".
  std::string violation(const Header& header, ByteView payload = {}) {
    try {
      give(header, payload.empty() ? ByteView(zeros_).first(header.payload_bytes()) : payload);
      return "none";
    } catch (const Violation& violation) {
      return std::string(name_of(violation.reason)) + ": " + violation.words;
    }
  }

  std::string violation_of_list(const std::vector<Uid>& receivers) {
    Header list = head(4, -static_cast<std::int32_t>(receivers.size()));
    list.chunk = 0;
    return violation(list, std::as_bytes(std::span(receivers)));
  }

  const Bytes zeros_ = Bytes(kChunk);
  const Placement placement_ = placement(6, {{0, 2, 4}, {1, 3, 5}});
  ArrayPool vectors_{kNumbers};
  std::optional<ArrayPool> vectors_there_;
  std::optional<Landing> landing_;
  std::vector<std::atomic<Round>> now_ = std::vector<std::atomic<Round>>(6);
  std::optional<Incoming> incoming_;
};

Bytes pattern(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 31 >> 3);
  return bytes;
}

TEST_F(IncomingLetters, AreWholeAfterTheirLastChunk) {
  Round round = 10;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kChunk, kChunk + 1, 3 * kChunk}) {
    Header header = head(size);
    header.round = round++;
    now_[0] = header.round;
    const auto letter = give_all(header, pattern(size));
    ASSERT_TRUE(letter);
    EXPECT_THAT(letter->receivers, ElementsAre(0));
    EXPECT_EQ(letter->message.sender, 1);
    EXPECT_EQ(letter->message.round, header.round);
    const ByteView body = letter->message.body.coded();
    EXPECT_EQ(Bytes(body.begin(), body.end()), pattern(size));
  }
}

TEST_F(IncomingLetters, OfVectorsComeToTheDeviceWhereVectorsLie) {
  begin_on_a_device();
  Round round = 10;
  for (const std::size_t numbers : {kNumbers, std::size_t{7}, std::size_t{0}, kNumbers}) {
    Header header = head(numbers * sizeof(float));
    header.form = Header::Form::kFloats;
    header.round = round++;
    now_[0] = header.round;
    const Bytes said = pattern(numbers * sizeof(float));
    const auto letter = give_all(header, said);
    ASSERT_TRUE(letter);
    const ConstArrayView vector = letter->message.body.floats();
    EXPECT_FALSE(vector.device.is_cpu());
    const Array here = host_copy(vector);
    ASSERT_EQ(here.size(), numbers);
    EXPECT_TRUE(numbers == 0 || std::memcmp(here.data(), said.data(), said.size()) == 0);
  }
}

TEST_F(IncomingLetters, OfAWholeVectorComeIntoThePool) {
  Header header = head(kNumbers * sizeof(float));
  header.form = Header::Form::kFloats;
  const float* where = nullptr;
  {
    const auto letter = give_all(header, pattern(kNumbers * sizeof(float)));
    ASSERT_TRUE(letter);
    where = letter->message.body.floats().data;
    EXPECT_EQ(letter->message.body.floats().size, kNumbers);
    EXPECT_EQ(
        std::memcmp(where, pattern(kNumbers * sizeof(float)).data(), kNumbers * sizeof(float)), 0);
  }
  EXPECT_EQ(vectors_.take()->data(), where) << "it is given back when nobody reads it";
}

TEST_F(IncomingLetters, MayBeForSeveralNodes) {
  const auto letter = give_all(head(0), pattern(kChunk + 9), {0, 4});
  ASSERT_TRUE(letter);
  EXPECT_THAT(letter->receivers, ElementsAre(0, 4));
}

TEST_F(IncomingLetters, OfOneRoundMayBeOneOfEachExchange) {
  Header header = head(4);
  EXPECT_EQ(violation(header), "none");
  header.kind = 1;
  EXPECT_EQ(violation(header), "none");
  header.kind = 2;
  EXPECT_EQ(violation(header), "kind: a message of exchange 2");
  header.kind = 65535;
  EXPECT_EQ(violation(header), "kind: a message of exchange 65535");
}

TEST_F(IncomingLetters, KeepTheirOrder) {
  Header header = head(3 * kChunk);
  EXPECT_EQ(violation(header), "none");
  header.chunk = 3;
  EXPECT_EQ(violation(header), "length: a chunk out of its order");
}

TEST_F(IncomingLetters, DoNotRepeatAChunk) {
  const Header header = head(3 * kChunk);
  EXPECT_EQ(violation(header), "none");
  EXPECT_EQ(violation(header), "length: a chunk out of its order");
}

TEST_F(IncomingLetters, DoNotMix) {
  const Header first = head(2 * kChunk);
  const auto changed = [&, this](auto change) {
    begin_anew();
    EXPECT_EQ(violation(first), "none");
    Header second = first;
    second.chunk = 2;
    change(second);
    return violation(second);
  };
  EXPECT_EQ(changed([](Header&) {}), "none");
  for (const std::string& words :
       {changed([](Header& h) { h.sender = 3; }), changed([](Header& h) { h.receiver = 2; }),
        changed([](Header& h) { h.round = 11; }), changed([](Header& h) { h.kind = 1; }),
        changed([](Header& h) { h.form = Header::Form::kFloats; }),
        changed([](Header& h) { h.body_bytes += 1; })}) {
    EXPECT_EQ(words, "length: a chunk out of its order");
  }
}

TEST_F(IncomingLetters, BeginAtTheirBeginning) {
  Header header = head(2 * kChunk);
  header.chunk = 2;
  EXPECT_EQ(violation(header), "length: a chunk without its beginning");
  header = head(4, -2);
  EXPECT_EQ(violation(header), "length: a chunk without its beginning") << "the list is missing";
}

TEST_F(IncomingLetters, AreOfNodesThere) {
  for (const Uid sender : {0, 2, 6, -1, std::numeric_limits<Uid>::min()}) {
    EXPECT_EQ(violation(head(4, 0, sender)), "sender: a message of node " + std::to_string(sender) +
                                                 ", which does not live there");
  }
}

TEST_F(IncomingLetters, AreForNodesHere) {
  for (const Uid receiver : {1, 6, std::numeric_limits<Uid>::max()}) {
    EXPECT_EQ(
        violation(head(4, receiver)),
        "receiver: a message for node " + std::to_string(receiver) + ", which lives elsewhere");
  }
  EXPECT_EQ(violation_of_list({0, 3}), "receiver: a message for node 3, which lives elsewhere");
}

TEST_F(IncomingLetters, AreForANodeOnce) {
  EXPECT_EQ(violation_of_list({0, 0}), "receiver: a message for the same node twice");
}

TEST_F(IncomingLetters, ListNodesInTheirOrder) {
  EXPECT_EQ(violation_of_list({4, 0}), "receiver: a message for the same node twice");
}

TEST_F(IncomingLetters, AreNotForMoreNodesThanThereAre) {
  for (const Uid count : {-4, -1'000'000'000, std::numeric_limits<Uid>::min()}) {
    Header list = head(4, count);
    list.chunk = 0;
    try {
      incoming_->place(list);
      ADD_FAILURE();
    } catch (const Violation& violation) {
      EXPECT_EQ(violation.words, "a message for more nodes than there are here");
    }
  }
}

TEST_F(IncomingLetters, AreOfTheRoundsThatAreOpen) {
  const auto of_round = [this](Round round) {
    Header header = head(4);
    header.round = round;
    begin_anew();
    return violation(header);
  };
  EXPECT_EQ(of_round(9), "round: a message of round 9 for node 0, which is in round 10");
  for (const Round round : {10, 11, 12}) EXPECT_EQ(of_round(round), "none");
  EXPECT_EQ(of_round(13), "round: a message of round 13 for node 0, which is in round 10");
  now_[0] = 99;
  EXPECT_EQ(of_round(99), "none");
  EXPECT_EQ(of_round(100), "round: a message of round 100") << "the run has 100";
  for (const Round round : {Round{-1}, std::numeric_limits<Round>::max(),
                            std::numeric_limits<Round>::min(), Round{1} << 47}) {
    EXPECT_EQ(of_round(round), "round: a message of round " + std::to_string(round));
  }
}

TEST_F(IncomingLetters, ComeOnce) {
  EXPECT_EQ(violation(head(4)), "none");
  EXPECT_EQ(violation(head(4)), "round: a message of round 10 for node 0, which is in round 10");
}

TEST_F(IncomingLetters, ComeOnceToEach) {
  EXPECT_EQ(violation(head(4, 0)), "none");
  EXPECT_EQ(violation(head(4, 2)), "none");
  EXPECT_EQ(violation(head(4, 0, 3)), "none");
  EXPECT_THAT(violation_of_list({2, 4}), ::testing::StartsWith("round: "));
}

TEST_F(IncomingLetters, ComeOnceHoweverMuchIsForgotten) {
  std::vector<Uid> theirs(3000), ours(2);
  std::iota(theirs.begin(), theirs.end(), 2);
  const Placement many = placement(3002, {{0, 1}, theirs});
  std::vector<std::atomic<Round>> now(3002);
  Incoming incoming({many, 0, 1, kMost, 1, 100, 1, vectors_, now});
  const auto accepts = [&](Uid sender, Round round) {
    Header header = head(0, 0, sender);
    header.round = round;
    Incoming::Letter letter;
    try {
      incoming.place(header);
    } catch (const Violation&) {
      return false;
    }
    return incoming.add(header, letter);
  };
  for (Round round = 0; round < 10; ++round) {
    now[0] = round;
    for (const Uid sender : theirs) ASSERT_TRUE(accepts(sender, round));
    for (const Uid sender : theirs) {
      ASSERT_FALSE(accepts(sender, round));
      ASSERT_FALSE(accepts(sender, round - 1));
    }
  }
}

TEST_F(IncomingLetters, AreNoLargerThanTheRunCanMakeThem) {
  EXPECT_EQ(violation(head(kMost)), "none");
}

TEST_F(IncomingLetters, ThatAreTooLargeTakeNoMemory) {
  const auto pages = [] {
    long total = 0;
    std::ifstream("/proc/self/statm") >> total;
    return total;
  };
  const long before = pages();
  EXPECT_EQ(violation(head(kMost + 1)),
            "body: a message of " + std::to_string(kMost + 1) + " bytes");
  EXPECT_EQ(violation(head(std::uint64_t{1} << 48)),
            "body: a message of " + std::to_string(std::uint64_t{1} << 48) + " bytes");
  Header floats = head(std::uint64_t{1} << 48);
  floats.form = Header::Form::kFloats;
  EXPECT_EQ(violation(floats),
            "body: a message of " + std::to_string(std::uint64_t{1} << 48) + " bytes");
  EXPECT_LT(pages() - before, 16);
}

TEST_F(IncomingLetters, OfNumbersAreOfWholeNumbers) {
  Header floats = head(10);
  floats.form = Header::Form::kFloats;
  EXPECT_EQ(violation(floats), "body: a message of 10 bytes");
}

TEST_F(IncomingLetters, AreOfTheFirstLifeOfAProcess) {
  Header header = head(4);
  header.incarnation = 1;
  EXPECT_EQ(violation(header), "sender: a message of a process that began anew");
}

TEST_F(IncomingLetters, MutatedAMillionTimesAreNeverTakenForGood) {
  // The letter as it travels, recorded; a byte or a few changed. Whoever gets through all checks
  // must carry what was sent.
  Header header = head(100, -2);
  header.chunk = 0;
  const std::vector<Uid> receivers{0, 4};
  const Bytes list(std::as_bytes(std::span(receivers)).begin(),
                   std::as_bytes(std::span(receivers)).end());
  const HeaderBytes list_bytes = write_header(header, payload_hash(list));
  header.chunk = 1;
  const Bytes body = pattern(100);
  const HeaderBytes body_bytes = write_header(header, payload_hash(body));

  Random random(7, Purpose::kModel);
  std::array<std::uint64_t, kRejections> refused{};
  std::uint64_t checksums = 0, unchanged = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    const bool is_list = random.below(2) == 0;
    HeaderBytes bytes = is_list ? list_bytes : body_bytes;
    Bytes payload = is_list ? list : body;
    const auto changes = 1 + random.below(4);
    for (std::uint32_t c = 0; c < changes; ++c) {
      const auto at = random.below(static_cast<std::uint32_t>(bytes.size() + payload.size()));
      std::byte& victim = at < bytes.size() ? bytes[at] : payload[at - bytes.size()];
      victim = random.below(2) ? static_cast<std::byte>(random.below(256))
                               : victim ^ static_cast<std::byte>(1 << random.below(8));
    }
    if (random.below(10) == 0)
      payload.resize(random.below(static_cast<std::uint32_t>(payload.size()) + 1));
    Rejection reason{};
    const auto read = read_header(bytes, reason);
    if (!read) {
      ++refused[static_cast<std::size_t>(reason)];
      continue;
    }
    if (read->payload_bytes() != payload.size()) {
      ++refused[static_cast<std::size_t>(Rejection::kLength)];
      continue;
    }
    begin_anew(/*most_body_bytes=*/1000);
    try {
      std::byte* const place = incoming_->place(*read);
      if (!payload.empty()) std::memcpy(place, payload.data(), payload.size());
    } catch (const Violation& violation) {
      ++refused[static_cast<std::size_t>(violation.reason)];
      continue;
    }
    if (!checksum_holds(*read, bytes, payload_hash(payload))) {
      ++checksums;
      continue;
    }
    ASSERT_EQ(bytes, is_list ? list_bytes : body_bytes);
    ASSERT_EQ(payload, is_list ? list : body);
    ++unchanged;
  }
  EXPECT_LT(unchanged, 10'000u) << "a change may put back what was there";
  EXPECT_GT(checksums, 50'000u);
  for (const Rejection reason :
       {Rejection::kLength, Rejection::kMagic, Rejection::kVersion, Rejection::kReceiver,
        Rejection::kSender, Rejection::kRound, Rejection::kKind, Rejection::kBody}) {
    EXPECT_GT(refused[static_cast<std::size_t>(reason)], 0u) << name_of(reason);
  }
}

TEST_F(IncomingLetters, LooseOnesComeInAnyOrderWhereThereAreLanes) {
  Header loose = head(8);
  loose.kind = kFirstLoose + 1;
  EXPECT_THAT(violation(loose), ::testing::HasSubstr("a message of exchange 32769"));
  incoming_.emplace(Incoming::Rules{placement_, 0, 1, kMost, 2, 100, 2, vectors_, now_, 2});
  for (const Round round : {3, 99, 99, 0}) {
    loose.round = round;
    EXPECT_TRUE(give_all(loose, Bytes(8)));
  }
  loose.round = 100;
  EXPECT_THAT(violation(loose), ::testing::HasSubstr("a message of round 100"));
  loose.round = 5;
  loose.kind = kFirstLoose + 2;
  EXPECT_THAT(violation(loose), ::testing::HasSubstr("a message of exchange"));
  loose.kind = kFirstLoose;
  loose.receiver = 1;  // which lives there
  EXPECT_THAT(violation(loose), ::testing::HasSubstr("lives elsewhere"));
}

}  // namespace
}  // namespace kith
