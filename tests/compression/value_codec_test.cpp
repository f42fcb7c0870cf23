#include "compression/value_codec.h"

#include <fpzip.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "compression/codec_testing.h"

namespace kith {
namespace {

using Floats = std::vector<float>;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

bool same_bits(const Floats& a, const Floats& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
}

/// What the receiver gets.
Floats sent(const ValueCodec& codec, const Floats& values) {
  const Bytes code = encoded(codec, view(values));
  EXPECT_LE(code.size(), codec.most(values.size()));
  if (codec.fixed_size()) {
    EXPECT_EQ(code.size(), codec.most(values.size()));
  }
  Floats received(values.size(), 7);
  codec.decode(code, view(received));
  return received;
}

class LosslessCodec : public ::testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Codec, LosslessCodec, ::testing::ValuesIn(kLosslessCodecs));

TEST_P(LosslessCodec, ReturnsTheBitsOfTenThousandVectors) {
  const auto codec = codec_of<ValueCodec>(GetParam());
  EXPECT_TRUE(codec->lossless());
  Random random(1, Purpose::kSharing);
  for (int i = 0; i < 10'000; ++i) {
    const Floats values = random_values(random);
    ASSERT_TRUE(same_bits(sent(*codec, values), values)) << "vector " << i;
  }
}

TEST_P(LosslessCodec, ReturnsTheBitsOfALongVector) {
  const auto codec = codec_of<ValueCodec>(GetParam());
  Random random(2, Purpose::kSharing);
  Floats values(300'001);
  for (float& value : values) value = static_cast<float>(0.02 * random.normal());
  EXPECT_TRUE(same_bits(sent(*codec, values), values));
  std::ranges::fill(values, -0.0f);
  EXPECT_TRUE(same_bits(sent(*codec, values), values));
}

TEST(LosslessCodecs, AndOnlyTheySaySo) {
  for (const std::string& json : kLossyCodecs) {
    EXPECT_FALSE(codec_of<ValueCodec>(json)->lossless()) << json;
  }
  EXPECT_FALSE(codec_of<ValueCodec>(R"({"type": "fpzip", "precision": 31})")->lossless());
}

TEST(LosslessCodecs, AppendToWhatIsThere) {
  for (const std::string& json : kLosslessCodecs) {
    const Floats values{1, 2, 3};
    Bytes bytes = bytes_of({1, 2});
    const auto codec = codec_of<ValueCodec>(json);
    codec->encode(view(values), bytes);
    EXPECT_EQ(Bytes(bytes.begin(), bytes.begin() + 2), bytes_of({1, 2}));
    Floats received(3);
    codec->decode(ByteView(bytes).subspan(2), view(received));
    EXPECT_EQ(received, values) << json;
  }
}

TEST(ShuffledBytes, ShortenNormalNumbersWhereZstdAloneHardlyCan) {
  Random random(3, Purpose::kSharing);
  Floats values(100'000);
  for (float& value : values) value = static_cast<float>(0.02 * random.normal());
  const auto ratio = [&](const std::string& json) {
    return 4.0 * static_cast<double>(values.size()) /
           static_cast<double>(encoded(*codec_of<ValueCodec>(json), view(values)).size());
  };
  EXPECT_GT(ratio(R"("zstd")"), 1.15);
  EXPECT_LT(ratio(R"({"type": "zstd", "shuffle": false})"), 1.10);
}

// --- fpzip ---------------------------------------------------------------------------------------

/// The leading bits of a number, then zeros.
float cut(float x, int precision) {
  const std::uint32_t kept = precision == 32 ? ~0u : ~(~0u >> precision);
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(x) & kept);
}

std::string fpzip_json(int precision) {
  return R"({"type": "fpzip", "precision": )" + std::to_string(precision) + '}';
}

TEST(FpzipOfSomePrecision, KeepsTheLeadingBitsOfEveryNumber) {
  for (int precision = 2; precision <= 32; ++precision) {
    const auto codec = codec_of<ValueCodec>(fpzip_json(precision));
    Random random(static_cast<std::uint64_t>(precision), Purpose::kSharing);
    for (int i = 0; i < 500; ++i) {
      const Floats values = random_values(random);
      Floats expected = values;
      for (float& value : expected) value = cut(value, precision);
      ASSERT_TRUE(same_bits(sent(*codec, values), expected)) << precision << " bits, vector " << i;
    }
  }
}

TEST(FpzipOfSomePrecision, ErrsByLessThanItsLastBit) {
  Random random(4, Purpose::kSharing);
  for (const int precision : {10, 12, 16, 20, 24}) {
    Floats values(1000);
    for (float& value : values) value = static_cast<float>(random.normal());
    const Floats received = sent(*codec_of<ValueCodec>(fpzip_json(precision)), values);
    for (std::size_t i = 0; i < values.size(); ++i) {
      // A sign and eight bits of exponent leave p − 9 of mantissa.
      EXPECT_LT(std::abs(received[i] - values[i]), std::ldexp(std::abs(values[i]), 9 - precision));
    }
  }
}

/// What the library's own decoder makes of an encoder's stream.
Floats by_library(const Bytes& code, int precision, std::size_t count) {
  Floats values(count);
  FPZ* const stream = fpzip_read_from_buffer(code.data());
  stream->type = FPZIP_TYPE_FLOAT;
  stream->prec = precision;
  stream->nx = static_cast<int>(count);
  EXPECT_EQ(fpzip_read(stream, values.data()), code.size());
  fpzip_read_close(stream);
  return values;
}

TEST(FpzipDecoder, ReadsWhatTheLibraryReads) {
  for (int precision = 2; precision <= 32; ++precision) {
    const auto codec = codec_of<ValueCodec>(fpzip_json(precision));
    Random random(100 + static_cast<std::uint64_t>(precision), Purpose::kSharing);
    for (int i = 0; i < 200; ++i) {
      Floats values = random_values(random);
      if (values.empty()) continue;
      if (i == 0) values.resize(20'000, 3);  // many intervals of the model
      const Bytes code = encoded(*codec, view(values));
      Floats received(values.size());
      codec->decode(code, view(received));
      ASSERT_TRUE(same_bits(received, by_library(code, precision, values.size()))) << precision;
    }
  }
}

TEST(FpzipDecoder, RefusesAStreamThatIsTooShortTooLongOrBeginsElsewhere) {
  const auto codec = codec_of<ValueCodec>(R"("fpzip")");
  Random random(5, Purpose::kSharing);
  Floats values(100);
  for (float& value : values) value = static_cast<float>(random.normal());
  Bytes code = encoded(*codec, view(values));
  Floats received(100);
  for (std::size_t size = 0; size < code.size(); ++size) {
    EXPECT_THROW(codec->decode(ByteView(code).first(size), view(received)), CorruptError);
  }
  code.push_back(std::byte{0});
  EXPECT_THROW(codec->decode(code, view(received)), CorruptError);
  EXPECT_THROW(codec->decode(bytes_of({255, 255, 255, 255}), view(received)), CorruptError);
  Floats none;
  EXPECT_THROW(codec->decode(bytes_of({0}), view(none)), CorruptError);
}

// --- quantization --------------------------------------------------------------------------------

double largest_of(const Floats& values) {
  double largest = 0;
  for (const float value : values) largest = std::max(largest, std::abs(double(value)));
  return largest;
}

TEST(Quantization, ErrsByHalfAStepAtMost) {
  for (const std::uint32_t levels : {1u, 2u, 5u, 127u, 128u, 32'767u, 8'388'607u}) {
    const auto codec = codec_of<ValueCodec>(R"({"type": "quantization", "levels": )" +
                                            std::to_string(levels) + '}');
    Random random(levels, Purpose::kSharing);
    for (int i = 0; i < 2000; ++i) {
      const Floats values = random_finite_values(random);
      const Floats received = sent(*codec, values);
      const double bound = largest_of(values) / (2.0 * levels) * (1 + 1e-9);
      for (std::size_t k = 0; k < values.size(); ++k) {
        // What was decoded is rounded to float32 besides.
        const double rounding = std::abs(double(received[k])) * 0x1p-24 + 0x1p-150;
        ASSERT_LE(std::abs(double(received[k]) - double(values[k])), bound + rounding);
      }
    }
  }
}

TEST(Quantization, IsDecodedWithTheScaleItWasEncodedWith) {
  // decentralizepy divides by the largest magnitude and multiplies by the mean one: 0.205 of the
  // original is left.
  Random random(6, Purpose::kSharing);
  Floats values(10'000);
  for (float& value : values) value = static_cast<float>(random.normal());
  const Floats received = sent(*codec_of<ValueCodec>(R"("quantization")"), values);
  double product = 0, square = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    product += double(values[i]) * double(received[i]);
    square += double(values[i]) * double(values[i]);
  }
  EXPECT_NEAR(product / square, 1, 1e-6);
}

TEST(Quantization, KeepsZeroAndTheLargestMagnitudeExactly) {
  for (const float largest : {1.0f, 0.1f, 3e38f, 1e-45f, 1.1754942e-38f}) {
    const Floats values{largest, 0, -largest};
    EXPECT_EQ(sent(*codec_of<ValueCodec>(R"("quantization")"), values), values);
  }
  EXPECT_EQ(sent(*codec_of<ValueCodec>(R"("quantization")"), Floats(5)), Floats(5));
}

TEST(Quantization, RoundsTiesToEven) {
  // Two steps up to 4: 1 and 3 lie between multiples of 2.
  const auto codec = codec_of<ValueCodec>(R"({"type": "quantization", "levels": 2})");
  EXPECT_EQ(sent(*codec, {4, 1, 3, -1, -3}), (Floats{4, 0, 4, 0, -4}));
}

TEST(Quantization, WritesItsScaleThenTheLevelsInTheFewestBits) {
  const auto bytes = [](std::uint32_t levels, std::size_t count) {
    return encoded(*codec_of<ValueCodec>(R"({"type": "quantization", "levels": )" +
                                         std::to_string(levels) + '}'),
                   view(Floats(count, 1)))
        .size();
  };
  EXPECT_EQ(bytes(32'767, 1000), 4 + 2000u);  // 65,535 values: 16 bits
  EXPECT_EQ(bytes(127, 1000), 4 + 1000u);
  EXPECT_EQ(bytes(128, 1000), 4 + 1125u);  // 257 values: 9 bits
  EXPECT_EQ(bytes(1, 1000), 4 + 250u);
  // 1 as float32, then −1 + 1, 0 + 1, 1 + 1 in two bits each.
  EXPECT_EQ(encoded(*codec_of<ValueCodec>(R"({"type": "quantization", "levels": 1})"),
                    view(Floats{-1, 0, 1})),
            bytes_of({0, 0, 0x80, 0x3f, 0b100100}));
}

TEST(Quantization, RefusesNumbersThatAreNone) {
  const auto codec = codec_of<ValueCodec>(R"("quantization")");
  for (const float bad : {kNan, kInfinity, -kInfinity}) {
    EXPECT_THROW(encoded(*codec, view(Floats{1, bad, 2})), NumericError);
  }
}

TEST(Quantization, RefusesWhatNoEncoderWrites) {
  const auto codec = codec_of<ValueCodec>(R"({"type": "quantization", "levels": 1})");
  const auto fault = [&](const Bytes& code) -> std::string {
    Floats out(2);
    try {
      codec->decode(code, view(out));
    } catch (const CorruptError& error) {
      return error.fault();
    }
    return "none";
  };
  EXPECT_EQ(fault(bytes_of({0, 0, 0x80, 0x3f, 0b1001})), "none");
  EXPECT_EQ(fault(bytes_of({0, 0, 0x80, 0x3f, 0b101001})), "it has bits behind its last number");
  EXPECT_EQ(fault(bytes_of({0, 0, 0x80, 0x3f, 0b1101})), "a quantized number is above its levels");
  EXPECT_EQ(fault(bytes_of({0, 0, 0x80, 0x7f, 0})), "its scale is not a finite magnitude");
  EXPECT_EQ(fault(bytes_of({0, 0, 0xc0, 0x7f, 0})), "its scale is not a finite magnitude");
  EXPECT_EQ(fault(bytes_of({0, 0, 0x80, 0xbf, 0})), "its scale is not a finite magnitude");
  EXPECT_EQ(fault(bytes_of({0, 0, 0x80, 0x3f})), "it has 4 bytes of quantized numbers, not 5");
}

TEST(PackedQuantization, KeepsItsScaleOutOfThePacking) {
  const auto codec = codec_of<ValueCodec>(R"(["quantization", "zstd"])");
  EXPECT_EQ(codec->metadata_bytes(), 4u);
  const Floats values(1000, 1);
  const Bytes code = encoded(*codec, view(values));
  EXPECT_EQ(Bytes(code.begin(), code.begin() + 4), bytes_of({0, 0, 0x80, 0x3f}));
  EXPECT_LT(code.size(), 60u);
  EXPECT_EQ(sent(*codec, values), values);
}

}  // namespace
}  // namespace kith
