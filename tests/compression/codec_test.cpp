#include "compression/codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "compression/codec_testing.h"

namespace kith {
namespace {

using ::testing::HasSubstr;
using Floats = std::vector<float>;

constexpr std::uint32_t kSize = 1000;  // d

Codec codec_from(const std::string& json) { return Codec(codec_options(json)); }

Floats some_values(std::size_t count) {
  Random random(1, Purpose::kSharing);
  Floats values(count);
  for (float& value : values) value = static_cast<float>(random.normal());
  return values;
}

Indices every_tenth() {
  Indices indices;
  for (std::uint32_t i = 3; i < kSize; i += 10) indices.push_back(i);
  return indices;
}

Compressed every_tenth_of_some() { return message(every_tenth(), some_values(100)); }

Slot slot_of(const Floats& values) {
  auto array = std::make_shared<Array>(values.size());
  std::ranges::copy(values, array->data());
  return array;
}

std::string refusal(const std::function<void()>& decode) {
  try {
    decode();
  } catch (const PeerError& error) {
    return error.what();
  }
  return "accepted";
}

// --- what is accounted ---------------------------------------------------------------------------

TEST(CodecBytes, OfPlainCoordinatesAreEightEach) {
  const Codec codec = codec_from(R"({"indices": "none"})");
  const Body body = in_bytes(codec, every_tenth_of_some(), sparse_form(kSize), kSize);
  EXPECT_EQ(body.size(), 800u);
  EXPECT_EQ(body.metadata_bytes(), 400u);
}

TEST(CodecBytes, OfIndicesAndScalesAreMetadata) {
  const Indices indices = every_tenth();
  const Floats values = some_values(100);
  // 100 indices of ten bits; a scale and 100 numbers of 16 bits. No length is needed.
  const Body fixed = in_bytes(codec_from(R"({"indices": "bitpack", "values": "quantization"})"),
                              message(indices, values), sparse_form(kSize), kSize);
  EXPECT_EQ(fixed.size(), 125u + 4 + 200);
  EXPECT_EQ(fixed.metadata_bytes(), 125u + 4);
  // Rice's k, 97 gaps of 10 among others: their length and they are metadata.
  const Body rice = in_bytes(codec_from("{}"), message(indices, values), sparse_form(kSize), kSize);
  const std::size_t index_bytes =
      encoded(*codec_of<IndexCodec>(R"("rice")"), indices, kSize).size();
  EXPECT_EQ(rice.metadata_bytes(), 1 + index_bytes);
  EXPECT_EQ(rice.size(), 1 + index_bytes + 400);
}

TEST(CodecBytes, OfAHeadAreMetadata) {
  const Form form{.head = 4, .values = 100};
  const Body body =
      in_bytes(codec_from("{}"), message({}, some_values(100), {1, 2, 3, 4}), form, kNoIndices);
  EXPECT_EQ(body.size(), 404u);
  EXPECT_EQ(body.metadata_bytes(), 4u);
}

TEST(PlainVector, IsSaidWithoutACopy) {
  const Slot x = slot_of(some_values(10));
  const Body body = codec_from("{}").encode(x);
  EXPECT_EQ(body.floats().data, x->data());
  EXPECT_EQ(codec_from(R"({"values": "zstd"})").encode(x).floats().data, nullptr);
}

// --- there and back ------------------------------------------------------------------------------

TEST(EveryPairOfCodecs, BringsSparseMessagesBack) {
  Random random(2, Purpose::kSharing);
  for (const std::string& indices_json : kIndexCodecs) {
    for (const std::string& values_json : kLosslessCodecs) {
      const Codec codec =
          codec_from(R"({"indices": )" + indices_json + R"(, "values": )" + values_json + '}');
      EXPECT_TRUE(codec.lossless());
      for (const double p : {0.0, 0.01, 0.3, 0.9, 1.0}) {
        const Indices indices = random_indices(kSize, p, random);
        const Floats values = some_values(indices.size());
        const std::vector<std::uint8_t> head{9, 8, 7};
        const Body body =
            in_bytes(codec, message(indices, values, head), sparse_form(kSize, 3), kSize);
        Compressed received = message({1, 2}, {3}, {4}, {5});
        codec.decode(4, body, sparse_form(kSize, 3), kSize, received);
        EXPECT_EQ(received.indices, indices) << indices_json << values_json;
        EXPECT_EQ(received.values, values) << indices_json << values_json;
        EXPECT_EQ(received.head, head);
        EXPECT_TRUE(received.packed.empty());
      }
    }
  }
}

TEST(MessagesWithoutALength, AreDividedWhereTheirCoordinatesEnd) {
  // One bit an index and two bits a number: several counts fill the same bytes.
  const Codec codec =
      codec_from(R"({"indices": "bitpack", "values": {"type": "quantization", "levels": 1}})");
  for (std::uint32_t d = 1; d < 40; ++d) {
    for (std::uint32_t count = 0; count <= d; ++count) {
      const Indices indices = first_indices(count);
      const Floats values(count, 1);
      Compressed received;
      const Form form = sparse_form(d);
      codec.decode(4, in_bytes(codec, message(indices, values), form, d), form, d, received);
      EXPECT_EQ(received.indices, indices);
      EXPECT_EQ(received.values, values);
    }
  }
}

TEST(EveryValueCodec, BringsWholeVectorsBack) {
  for (const std::string& json : kLosslessCodecs) {
    const Codec codec = codec_from(R"({"values": )" + json + '}');
    const Floats values = some_values(kSize);
    Floats received(kSize);
    const Body said = codec.encode(slot_of(values));
    codec.decode(4, codec.plain() ? said : in_bytes(said), view(received));
    EXPECT_EQ(received, values) << json;
    codec.decode(4, codec.encode(view(values)), view(received));
    EXPECT_EQ(received, values) << json;
  }
}

TEST(LossyCodec, DecodesItsOwnMessageAsTheReceiverDoes) {
  for (const std::string& json : kLossyCodecs) {
    const Codec codec = codec_from(R"({"values": )" + json + '}');
    EXPECT_FALSE(codec.lossless());
    const Body body = in_bytes(codec, every_tenth_of_some(), sparse_form(kSize), kSize);
    Compressed mine, theirs;
    const Form form = sparse_form(kSize);
    codec.decode(0, body, form, kSize, mine);
    Codec(codec_options(R"({"values": )" + json + '}')).decode(0, body, form, kSize, theirs);
    EXPECT_EQ(mine.indices, every_tenth());
    EXPECT_EQ(mine.values, elements(theirs.values));
  }
}

// --- what nobody can have sent -------------------------------------------------------------------

TEST(CorruptMessage, NamesItsSenderAndWhatIsWrong) {
  const Codec plain = codec_from(R"({"indices": "none"})");
  const Codec rice = codec_from("{}");
  Compressed sparse;
  Floats out(3);
  const auto sparse_refusal = [&](const Codec& codec, Bytes code) {
    return refusal(
        [&] { codec.decode(7, Body(std::move(code)), sparse_form(kSize), kSize, sparse); });
  };
  const std::string start = "node 7 sent a message that cannot be decoded: ";
  EXPECT_EQ(sparse_refusal(plain, Bytes(12)), start + "no number of coordinates takes 12 bytes");
  EXPECT_EQ(sparse_refusal(plain, Bytes(16)), start + "its indices do not ascend");
  EXPECT_EQ(sparse_refusal(plain, Bytes(8 * (kSize + 1))),
            start + "no number of coordinates takes 8008 bytes");
  EXPECT_EQ(sparse_refusal(rice, {}), start + "it ends where a length should stand");
  EXPECT_EQ(sparse_refusal(rice, bytes_of({3, 0, 0x80})), start + "it ends in its indices");
  EXPECT_EQ(sparse_refusal(rice, bytes_of({2, 0, 0x80, 1})), start + "its numbers end within one");
  EXPECT_EQ(sparse_refusal(rice, bytes_of({2, 0, 0x80})), start + "it has 0 numbers, not 1");
  EXPECT_EQ(refusal([&] {
              rice.decode(7, Body(bytes_of({1, 2})), view(out));
            }),
            start + "its numbers end within one");
  EXPECT_EQ(refusal([&] {
              rice.decode(7, Body(bytes_of({1, 2})), {.head = 4, .values = 3}, kNoIndices, sparse);
            }),
            start + "it ends in its head");
}

TEST(CorruptMessage, ThatIsAPlainVectorIsRefusedWhereVectorsAreCoded) {
  const Body vector(slot_of({1, 2, 3}));
  Floats out(3), longer(4);
  Compressed sparse;
  EXPECT_THAT(refusal([&] { codec_from(R"({"values": "zstd"})").decode(7, vector, view(out)); }),
              HasSubstr("it is a plain vector"));
  EXPECT_THAT(refusal([&] { codec_from("{}").decode(7, vector, view(longer)); }),
              HasSubstr("it is a plain vector"));
  EXPECT_THAT(refusal([&] { codec_from("{}").decode(7, vector, sparse_form(3), 3, sparse); }),
              HasSubstr("it is a plain vector"));
}

TEST(CorruptMessage, ThatHoldsNanOrInfinityIsRefused) {
  const Codec codec = codec_from("{}");
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
    const Floats values{1, bad, 3};
    Floats out(3);
    Compressed sparse;
    EXPECT_THAT(refusal([&] { codec.decode(7, codec.encode(view(values)), view(out)); }),
                HasSubstr("its numbers are not finite"));
    EXPECT_THAT(refusal([&] { codec.decode(7, codec.encode(slot_of(values)), view(out)); }),
                HasSubstr("its numbers are not finite"));
    EXPECT_THAT(refusal([&] {
                  codec.decode(7, in_bytes(codec, message({1, 2, 3}, values), sparse_form(9), 9),
                               sparse_form(9), 9, sparse);
                }),
                HasSubstr("its numbers are not finite"));
  }
}

}  // namespace
}  // namespace kith
