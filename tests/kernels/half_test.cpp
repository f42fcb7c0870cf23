#include "kernels/half.h"

#include <bit>
#include <cmath>
#include <limits>

#include "kernels/every_level.h"

namespace kith::kernels {
namespace {

class Half : public EveryLevel {};
INSTANTIATE_TEST_SUITE_P(Level, Half, supported_levels(), level_name);

std::uint16_t code_at(const std::vector<std::uint8_t>& bytes, std::size_t i) {
  return std::uint16_t(bytes[2 * i] | bytes[2 * i + 1] << 8);
}

/// Floats of every sign and exponent, with fractions around every tie of both formats.
Array telling_floats() {
  std::vector<std::uint32_t> patterns;
  for (std::uint32_t upper = 0; upper < 512; ++upper) {  // sign and exponent
    for (const std::uint32_t fraction :
         {0x0u, 0x1u, 0xfffu, 0x1000u, 0x1001u, 0x2fffu, 0x3000u, 0x3001u, 0x7fffu, 0x8000u,
          0x8001u, 0x17fffu, 0x18000u, 0x18001u, 0x400000u, 0x7fefffu, 0x7ff000u, 0x7f8000u,
          0x7fffffu}) {
      patterns.push_back(upper << 23 | fraction);
    }
  }
  for (std::uint32_t k = 0; k < 200'000; ++k) patterns.push_back(k * 21'474u + k);
  Array x(patterns.size());
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = std::bit_cast<float>(patterns[i]);
  return x;
}

TEST_P(Half, ConvertsAsTheFunctionOfOneNumberDoes) {
  const Array x = telling_floats();
  std::vector<std::uint8_t> bf16(2 * x.size()), fp16(2 * x.size());
  to_bf16(x.view(), bf16.data());
  to_fp16(x.view(), fp16.data());
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    wrong += code_at(bf16, i) != to_bf16(x[i]);
    wrong += code_at(fp16, i) != to_fp16(x[i]);
  }
  EXPECT_EQ(wrong, 0u);
}

TEST_P(Half, AddsWhatACodeStandsFor) {
  std::vector<std::uint8_t> bytes(2 * 65536);
  for (std::size_t code = 0; code < 65536; ++code) {
    bytes[2 * code] = std::uint8_t(code);
    bytes[2 * code + 1] = std::uint8_t(code >> 8);
  }
  Array bf16(65536), fp16(65536);
  for (std::size_t i = 0; i < 65536; ++i) bf16[i] = fp16[i] = 0.25f;
  add_bf16(bytes.data(), 0.5f, bf16.view());
  add_fp16(bytes.data(), 0.5f, fp16.view());
  std::size_t wrong = 0;
  const auto differ = [](float a, float b) {
    return !(a == b || (std::isnan(a) && std::isnan(b)));
  };
  for (std::size_t i = 0; i < 65536; ++i) {
    wrong += differ(bf16[i], 0.25f + 0.5f * from_bf16(std::uint16_t(i)));
    wrong += differ(fp16[i], 0.25f + 0.5f * from_fp16(std::uint16_t(i)));
  }
  EXPECT_EQ(wrong, 0u);
}

/// Codes, all `usual` but for the one at `at`.
std::vector<std::uint8_t> codes_but_one(std::size_t size, std::uint16_t usual, std::size_t at,
                                        std::uint16_t other) {
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i < size; ++i) {
    const std::uint16_t code = i == at ? other : usual;
    bytes.push_back(std::uint8_t(code));
    bytes.push_back(std::uint8_t(code >> 8));
  }
  return bytes;
}

TEST_P(Half, FindsTheOneCodeThatIsNotFinite) {
  for (const std::size_t size : {0, 1, 15, 16, 17, 1000}) {
    for (std::size_t at = 0; at <= size; at += 1 + size / 7) {
      const auto fp16 = codes_but_one(size, 0x7bff, at, 0xfc00);  // the largest; −infinity
      const auto bf16 = codes_but_one(size, 0xff7f, at, 0x7f81);  // the lowest; a NaN
      EXPECT_EQ(sixteen_bits_finite(fp16.data(), size, kFp16Exponent), at >= size);
      EXPECT_EQ(sixteen_bits_finite(bf16.data(), size, kBf16Exponent), at >= size);
    }
  }
}

TEST(HalfNumbers, EveryCodeComesBack) {
  for (unsigned code = 0; code < 65536; ++code) {
    const auto half = std::uint16_t(code);
    if (!std::isnan(from_fp16(half))) {
      EXPECT_EQ(to_fp16(from_fp16(half)), half);
    }
    if (!std::isnan(from_bf16(half))) {
      EXPECT_EQ(to_bf16(from_bf16(half)), half);
    }
    EXPECT_EQ(std::isnan(from_fp16(to_fp16(from_fp16(half)))), std::isnan(from_fp16(half)));
    EXPECT_EQ(std::isnan(from_bf16(to_bf16(from_bf16(half)))), std::isnan(from_bf16(half)));
  }
}

TEST(HalfNumbers, AreThoseOfTheStandard) {
  EXPECT_EQ(from_fp16(0x3c00), 1.0f);
  EXPECT_EQ(from_fp16(0x7bff), 65504.0f);
  EXPECT_EQ(from_fp16(0x0001), 0x1p-24f);
  EXPECT_EQ(from_fp16(0x0400), 0x1p-14f);
  EXPECT_EQ(from_fp16(0x7c00), std::numeric_limits<float>::infinity());
  EXPECT_EQ(to_fp16(65519.9f), 0x7bff);
  EXPECT_EQ(to_fp16(65520.0f), 0x7c00);  // rounds to 65,536, which is not there
  EXPECT_EQ(to_fp16(0x1p-25f), 0);       // a tie, to even
  EXPECT_EQ(to_fp16(0x1.000002p-25f), 1);
  EXPECT_EQ(to_fp16(-0x1p-26f), 0x8000);
  EXPECT_EQ(from_bf16(0x3f80), 1.0f);
  EXPECT_EQ(to_bf16(1.00390625f), 0x3f80);  // halfway between 1 and 1.0078125, to even
  EXPECT_EQ(to_bf16(1.01171875f), 0x3f82);  // halfway again, to even
}

/// No other number of the format is nearer.
template <class To, class From>
void expect_nearest(To to, From from, float x) {
  const std::uint16_t code = to(x);
  const double error = std::abs(double(from(code)) - double(x));
  for (const int neighbor : {-1, 1}) {
    const float other = from(std::uint16_t(code + neighbor));
    if (std::isfinite(other) && std::signbit(other) == std::signbit(x)) {
      EXPECT_LE(error, std::abs(double(other) - double(x))) << x;
    }
  }
}

TEST(HalfNumbers, RoundingIsToTheNearest) {
  const Array x = telling_floats();
  for (std::size_t i = 0; i < x.size(); i += 3) {
    if (std::abs(x[i]) < 65504) {
      expect_nearest([](float v) { return to_fp16(v); },
                     [](std::uint16_t h) { return from_fp16(h); }, x[i]);
    }
    if (std::abs(x[i]) < 3e38f) {
      expect_nearest([](float v) { return to_bf16(v); },
                     [](std::uint16_t h) { return from_bf16(h); }, x[i]);
    }
  }
}

}  // namespace
}  // namespace kith::kernels
