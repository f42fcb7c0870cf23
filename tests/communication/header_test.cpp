#include "communication/header.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "communication/link.h"
#include "core/random.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace kith {
namespace {

using ::testing::ElementsAreArray;

constexpr std::uint64_t kChunk = Header::kChunkBytes;

/// Every field with bytes of its own.
Header marked() {
  Header header;
  header.type = Header::Type::kGroup;
  header.form = Header::Form::kCoded;
  header.run = {0x0807'0605'0403'0201, 0x100f'0e0d'0c0b'0a09};
  header.sender = 0x1413'1211;
  header.receiver = 0x1817'1615;
  header.round = 0x201f'1e1d'1c1b'1a19;
  header.kind = 0x2221;
  header.incarnation = 0x2423;
  header.chunk = 0x0026'2725;
  header.body_bytes = 0x0000'2d2c'2b2a'2928;
  return header;
}

std::optional<Header> read(ByteView bytes) {
  Rejection reason{};
  return read_header(bytes, reason);
}

/// Why `bytes` are no header.
std::string reason_of(ByteView bytes) {
  Rejection reason{};
  return read_header(bytes, reason) ? "none" : name_of(reason);
}

template <class T>
HeaderBytes with(HeaderBytes bytes, std::size_t offset, T value) {
  std::memcpy(bytes.data() + offset, &value, sizeof value);
  return bytes;
}

HeaderBytes written(const Header& header) { return write_header(header, 0); }

TEST(Header, LiesAsItsDocumentSays) {
  const HeaderBytes bytes = write_header(marked(), 77);
  const std::vector<int> expected{
      'K',  'I',  'T',  'H',  1,    64,   3,    1,     // magic … form
      0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08,  // run
      0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10,
      0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18,   // sender, receiver
      0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f, 0x20,   // round
      0x21, 0x22, 0x23, 0x24, 0x25, 0x27, 0x26, 0x00,   // kind, incarnation, chunk
      0x28, 0x29, 0x2a, 0x2b, 0x2c, 0x2d, 0x00, 0x00};  // bytes of the body
  std::vector<int> got;
  for (std::size_t i = 0; i < 56; ++i) got.push_back(static_cast<int>(bytes[i]));
  EXPECT_THAT(got, ElementsAreArray(expected));
  std::uint64_t checksum;
  std::memcpy(&checksum, bytes.data() + 56, 8);
  EXPECT_EQ(checksum, XXH3_64bits_withSeed(bytes.data(), 56, 77));
}

TEST(Header, ComesBackAsItWasWritten) {
  const Header header = marked();
  const std::optional<Header> back = read(written(header));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->type, header.type);
  EXPECT_EQ(back->form, header.form);
  EXPECT_EQ(back->run, header.run);
  EXPECT_EQ(back->sender, header.sender);
  EXPECT_EQ(back->receiver, header.receiver);
  EXPECT_EQ(back->round, header.round);
  EXPECT_EQ(back->kind, header.kind);
  EXPECT_EQ(back->incarnation, header.incarnation);
  EXPECT_EQ(back->chunk, header.chunk);
  EXPECT_EQ(back->body_bytes, header.body_bytes);
}

TEST(Header, KeepsExtremes) {
  Header header;
  header.sender = std::numeric_limits<std::int32_t>::min();
  header.receiver = std::numeric_limits<std::int32_t>::min();
  header.round = std::numeric_limits<Round>::min();
  const std::optional<Header> back = read(written(header));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->sender, header.sender);
  EXPECT_EQ(back->round, header.round);
  EXPECT_EQ(back->payload_bytes(), std::size_t{4} << 31)
      << "a list of 2^31 readers, and no overflow";
}

TEST(Header, IsRefusedForItsLength) {
  const HeaderBytes bytes = written(marked());
  std::vector<std::byte> longer(bytes.begin(), bytes.end());
  longer.push_back({});
  EXPECT_EQ(reason_of({}), "length");
  EXPECT_EQ(reason_of(ByteView(bytes).first(63)), "length");
  EXPECT_EQ(reason_of(longer), "length");
}

TEST(Header, IsRefusedForItsForm) {
  const HeaderBytes bytes = written(marked());
  ASSERT_EQ(reason_of(bytes), "none");
  EXPECT_EQ(reason_of(with<char>(bytes, 0, 'k')), "magic");
  EXPECT_EQ(reason_of(with<std::uint8_t>(bytes, 4, 2)), "version");
  EXPECT_EQ(reason_of(with<std::uint8_t>(bytes, 5, 63)), "version");
  EXPECT_EQ(reason_of(with<std::uint8_t>(bytes, 6, 0)), "kind");
  EXPECT_EQ(reason_of(with<std::uint8_t>(bytes, 6, Header::kLastType)), "none");
  EXPECT_EQ(reason_of(with<std::uint8_t>(bytes, 6, Header::kLastType + 1)), "kind");
  EXPECT_EQ(reason_of(with<std::uint8_t>(bytes, 7, 2)), "body");
}

TEST(Header, IsRefusedForABodyThatCannotBe) {
  const HeaderBytes bytes = written(marked());
  EXPECT_EQ(reason_of(with<std::uint64_t>(bytes, 48, (std::uint64_t{1} << 48) + 1)), "body");
  EXPECT_EQ(reason_of(with<std::uint64_t>(bytes, 48, ~std::uint64_t{0})), "body");
}

TEST(Header, IsRefusedForAChunkBeyondTheBody) {
  Header header;
  for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{1}, kChunk}) {
    header.body_bytes = size;
    header.chunk = 1;
    EXPECT_EQ(reason_of(written(header)), "none") << size;
    header.chunk = 2;
    EXPECT_EQ(reason_of(written(header)), "length") << size;
  }
  header.body_bytes = kChunk + 1;
  EXPECT_EQ(reason_of(written(header)), "none");
  header.chunk = std::numeric_limits<std::uint32_t>::max();
  EXPECT_EQ(reason_of(written(header)), "length");
}

TEST(Header, HasAListOnlyForSeveralReceivers) {
  Header header;
  header.chunk = 0;
  header.receiver = 0;
  EXPECT_EQ(reason_of(written(header)), "length");
  header.receiver = -3;
  EXPECT_EQ(reason_of(written(header)), "none");
  EXPECT_EQ(header.payload_bytes(), 12u);
}

TEST(Chunks, CutABodyIntoMegabytes) {
  const auto sizes = [](std::uint64_t body) {
    Header header;
    header.body_bytes = body;
    std::vector<std::size_t> sizes;
    for (header.chunk = 1; header.chunk <= header.chunks(); ++header.chunk) {
      sizes.push_back(header.payload_bytes());
    }
    return sizes;
  };
  EXPECT_EQ(sizes(0), std::vector<std::size_t>({0}));
  EXPECT_EQ(sizes(1), std::vector<std::size_t>({1}));
  EXPECT_EQ(sizes(kChunk - 1), std::vector<std::size_t>({kChunk - 1}));
  EXPECT_EQ(sizes(kChunk), std::vector<std::size_t>({kChunk}));
  EXPECT_EQ(sizes(kChunk + 1), std::vector<std::size_t>({kChunk, 1}));
  EXPECT_EQ(sizes(3 * kChunk), std::vector<std::size_t>({kChunk, kChunk, kChunk}));
}

TEST(Chunks, OfTheLargestBodyAreCounted) {
  Header header;
  header.body_bytes = std::uint64_t{1} << 48;
  EXPECT_EQ(header.chunks(), (std::uint64_t{1} << 48) / kChunk);
  header.chunk = header.chunks();
  EXPECT_EQ(header.payload_bytes(), kChunk);
  header.body_bytes -= kChunk - 1;
  EXPECT_EQ(header.payload_bytes(), 1u);
}

TEST(Checksum, HoldsForWhatWasSent) {
  Bytes payload(1000);
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<std::byte>(i * 7);
  const HeaderBytes bytes = write_header(marked(), payload_hash(payload));
  EXPECT_TRUE(checksum_holds(*read(bytes), bytes, payload_hash(payload)));
}

TEST(Checksum, OfNothingHoldsForNothing) {
  const HeaderBytes bytes = write_header(marked(), payload_hash({}));
  EXPECT_TRUE(checksum_holds(*read(bytes), bytes, payload_hash({})));
  EXPECT_FALSE(checksum_holds(*read(bytes), bytes, payload_hash(Bytes(1))));
}

TEST(Checksum, FindsEveryFlippedBitOfTheHeader) {
  const Bytes payload(100, std::byte{3});
  const HeaderBytes bytes = write_header(marked(), payload_hash(payload));
  for (std::size_t bit = 0; bit < 8 * kHeaderBytes; ++bit) {
    HeaderBytes damaged = bytes;
    damaged[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
    const auto header = read(damaged);
    EXPECT_FALSE(header && checksum_holds(*header, damaged, payload_hash(payload)))
        << "bit " << bit;
  }
}

TEST(Checksum, FindsEveryFlippedBitOfThePayload) {
  for (const std::size_t size : {1, 8, 100, 240, 241, 1025}) {
    Bytes payload(size, std::byte{0x5a});
    const HeaderBytes bytes = write_header(marked(), payload_hash(payload));
    const Header header = *read(bytes);
    for (std::size_t bit = 0; bit < 8 * size; ++bit) {
      payload[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
      EXPECT_FALSE(checksum_holds(header, bytes, payload_hash(payload)))
          << "bit " << bit << " of " << size;
      payload[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
    }
  }
}

TEST(Checksum, FindsAMissingEnd) {
  const Bytes payload(1000, std::byte{0});
  const HeaderBytes bytes = write_header(marked(), payload_hash(payload));
  EXPECT_FALSE(checksum_holds(*read(bytes), bytes, payload_hash(ByteView(payload).first(999))));
}

TEST(RandomBytes, AreNoHeader) {
  Random random(1, Purpose::kModel);
  HeaderBytes bytes;
  for (int i = 0; i < 100'000; ++i) {
    for (std::size_t at = 0; at < bytes.size(); ++at)
      bytes[at] = static_cast<std::byte>(random.below(256));
    EXPECT_EQ(reason_of(bytes), "magic");
  }
}

TEST(Rejections, HaveNamesOfTheirOwn) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < kRejections; ++i)
    names.emplace_back(name_of(static_cast<Rejection>(i)));
  EXPECT_THAT(names,
              ::testing::ElementsAre("length", "magic", "version", "run", "receiver", "sender",
                                     "round", "kind", "body", "checksum", "stranger"));
}

}  // namespace
}  // namespace kith
