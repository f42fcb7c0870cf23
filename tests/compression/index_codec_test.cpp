#include "compression/index_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "compression/codec_testing.h"

namespace kith {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::uint32_t kLargest = 4'294'967'295;  // the largest d

class EveryIndexCodec : public ::testing::TestWithParam<std::string> {
 protected:
  void expect_back(const Indices& indices, std::uint32_t d) const {
    const Bytes code = encoded(*codec_, indices, d);
    EXPECT_EQ(decoded(*codec_, code, d), indices) << "d = " << d;
    EXPECT_LE(code.size(), most_index_bytes(d));
    EXPECT_EQ(code.empty(), indices.empty());
    EXPECT_EQ(code.size(), codec_->fixed_size(indices.size(), d).value_or(code.size()));
  }

  const std::unique_ptr<const IndexCodec> codec_ = codec_of<IndexCodec>(GetParam());
};
INSTANTIATE_TEST_SUITE_P(Codec, EveryIndexCodec, ::testing::ValuesIn(kIndexCodecs));

TEST_P(EveryIndexCodec, ReturnsTenThousandRandomSets) {
  Random random(1, Purpose::kSharing);
  for (int i = 0; i < 10'000; ++i) {
    const std::uint32_t d = 1 + random.below(i % 100 == 0 ? 20'000 : 200);
    const double p = random.uniform();
    expect_back(random_indices(d, i % 2 == 0 ? p : p * p * p * p, random), d);
    if (HasFailure()) FAIL() << "set " << i;
  }
}

TEST_P(EveryIndexCodec, ReturnsNoneOneAndAll) {
  for (const std::uint32_t d : {1u, 2u, 3u, 7u, 8u, 9u, 255u, 256u, 257u, 5000u}) {
    expect_back({}, d);
    expect_back({0}, d);
    expect_back({d - 1}, d);
    expect_back(first_indices(d), d);
    Indices all_but_first = first_indices(d);
    all_but_first.erase(all_but_first.begin());
    expect_back(all_but_first, d);
  }
  expect_back({}, 0);
}

TEST_P(EveryIndexCodec, ReturnsIndicesAsFarApartAsTheyCanBe) {
  for (const std::uint32_t d : {1u << 31, (1u << 31) + 1, kLargest}) {
    expect_back({0}, d);
    expect_back({d - 1}, d);
    expect_back({0, d - 1}, d);
    expect_back({0, 1, d / 2, d - 2, d - 1}, d);
    for (int k = 0; k < 31; ++k) expect_back({(1u << k) - 1, 1u << k, (1u << k) + 1}, d);
  }
}

TEST_P(EveryIndexCodec, ReturnsClustersFarApart) {
  Indices indices;
  for (const std::uint32_t start : {5u, 1'300'000'000u, 4'200'000'000u}) {
    for (std::uint32_t i = 0; i < 3000; ++i) indices.push_back(start + 3 * i + i % 3);
  }
  expect_back(indices, kLargest);
}

TEST_P(EveryIndexCodec, AppendsToWhatIsThere) {
  Bytes bytes = bytes_of({1, 2, 3});
  codec_->encode(Indices{4, 9}, 10, bytes);
  EXPECT_EQ(Bytes(bytes.begin(), bytes.begin() + 3), bytes_of({1, 2, 3}));
  EXPECT_EQ(decoded(*codec_, ByteView(bytes).subspan(3), 10), (Indices{4, 9}));
}

// --- their bytes ---------------------------------------------------------------------------------

/// Bits, the first one the highest of the first byte, zeros at the end.
Bytes from_bits(const std::string& bits) {
  Bytes bytes((bits.size() + 7) / 8);
  for (std::size_t i = 0; i < bits.size(); ++i) {
    if (bits[i] == '1') bytes[i / 8] |= std::byte{0x80} >> (i % 8);
  }
  return bytes;
}

std::string binary(std::uint64_t number) {
  std::string digits;
  for (; number != 0; number /= 2) digits.insert(digits.begin(), number % 2 != 0 ? '1' : '0');
  return digits;
}

/// x in Elias's gamma code: as many zeros as digits follow the first one, then the digits.
std::string gamma_bits(std::uint64_t x) {
  return std::string(binary(x).size() - 1, '0') + binary(x);
}

std::string delta_bits(std::uint64_t x) {
  return gamma_bits(binary(x).size()) + binary(x).substr(1);
}

template <class Code>
Bytes reference(const Indices& indices, Code code) {
  std::string bits;
  std::int64_t before = -1;
  for (const std::uint32_t index : indices) {
    bits += code(static_cast<std::uint64_t>(index - before));
    before = index;
  }
  return from_bits(bits);
}

TEST(EliasGamma, WritesTheBytesOfItsDefinition) {
  const auto codec = codec_of<IndexCodec>(R"("elias_gamma")");
  // Gaps 1, 3, 1, 6, 990, 1, 64535.
  EXPECT_EQ(encoded(*codec, Indices{0, 3, 4, 10, 1000, 1001, 65536}, 100'000),
            bytes_of({0xb9, 0x80, 0x1e, 0xf4, 0x00, 0x07, 0xe0, 0xb8}));
  EXPECT_EQ(encoded(*codec, Indices{}, 100), Bytes{});
  EXPECT_EQ(encoded(*codec, Indices{0}, 100), bytes_of({0b10000000}));
  EXPECT_EQ(encoded(*codec, Indices{4}, 100), bytes_of({0b00101000}));
  EXPECT_EQ(encoded(*codec, Indices{1, 4}, 100), bytes_of({0b01001100}));
}

TEST(EliasGamma, WritesTheBytesOfItsDefinitionForAMillionIndices) {
  Random random(2, Purpose::kSharing);
  Indices indices;
  for (std::uint32_t index = 0; indices.size() < 1'000'000; index += 1 + random.below(500)) {
    indices.push_back(index);
  }
  const std::uint32_t d = indices.back() + 1;
  EXPECT_TRUE(encoded(*codec_of<IndexCodec>(R"("elias_gamma")"), indices, d) ==
              reference(indices, gamma_bits));
  EXPECT_TRUE(encoded(*codec_of<IndexCodec>(R"("elias_delta")"), indices, d) ==
              reference(indices, delta_bits));
}

TEST(EliasGamma, TakesTheBitsThatTheoryExpects) {
  const auto codec = codec_of<IndexCodec>(R"("elias_gamma")");
  Random random(3, Purpose::kSharing);
  // Σ_g p (1 − p)^(g − 1) (2 ⌊log2 g⌋ + 1)
  for (const auto& [p, bits] : {std::pair{0.5, 2.265686}, {0.1, 5.705303}, {0.01, 11.755354}}) {
    const Indices indices = random_indices(1'000'000, p, random);
    const double mean = 8.0 * static_cast<double>(encoded(*codec, indices, 1'000'000).size()) /
                        static_cast<double>(indices.size());
    EXPECT_NEAR(mean, bits, 0.01 * bits) << p;
  }
}

TEST(EliasDelta, WritesTheBytesOfItsDefinition) {
  // Gaps 1, 2, 17: 1, 010 0, 00101 0001.
  EXPECT_EQ(encoded(*codec_of<IndexCodec>(R"("elias_delta")"), Indices{0, 2, 19}, 20),
            bytes_of({0b10100001, 0b01000100}));
}

TEST(Varint, WritesSevenBitsAByteOfOneLessThanTheGap) {
  EXPECT_EQ(encoded(*codec_of<IndexCodec>(R"("varint")"), Indices{127, 256, 257, 20'000}, 30'000),
            bytes_of({0x7f, 0x80, 0x01, 0x00, 0x9e, 0x9a, 0x01}));
}

TEST(Bitpack, WritesEveryIndexInAsManyBitsAsTheLargestNeeds) {
  const auto codec = codec_of<IndexCodec>(R"("bitpack")");
  EXPECT_EQ(encoded(*codec, Indices{1, 2, 7}, 8), bytes_of({0b11010001, 0b1}));  // 3 bits
  EXPECT_EQ(encoded(*codec, Indices{1, 2, 8}, 9), bytes_of({0x21, 0x08}));       // 4 bits
  EXPECT_EQ(encoded(*codec, Indices{65'535}, 65'536).size(), 2u);
  EXPECT_EQ(encoded(*codec, Indices{65'535}, 65'537).size(), 3u);
}

// --- rice ----------------------------------------------------------------------------------------

/// log2 C(d, n), the bits that a random subset of n of d carries.
double entropy_bits(std::size_t n, std::size_t d) {
  const auto log_factorial = [](std::size_t k) { return std::lgamma(static_cast<double>(k) + 1); };
  return (log_factorial(d) - log_factorial(n) - log_factorial(d - n)) / std::log(2);
}

TEST(Rice, IsWithinFivePercentOfTheEntropyOfARandomSubset) {
  const auto codec = codec_of<IndexCodec>(R"("rice")");
  constexpr std::uint32_t d = 1'000'000;
  Random random(4, Purpose::kSharing);
  // The golden ratio is the worst of all: at 0.382 k = 0 and k = 1 are equally good.
  for (const double p :
       {0.0003, 0.001, 0.003, 0.01, 0.02, 0.03,  0.05, 0.07, 0.1, 0.15, 0.2,  0.25,
        0.3,    0.382, 0.45,  0.5,  0.55, 0.618, 0.7,  0.8,  0.9, 0.97, 0.99, 0.999}) {
    const Indices indices = random_indices(d, p, random);
    const double bits = 8.0 * static_cast<double>(encoded(*codec, indices, d).size());
    EXPECT_LE(bits, 1.05 * entropy_bits(indices.size(), d)) << p;
  }
}

TEST(Rice, ChoosesTheBestParameter) {
  const auto codec = codec_of<IndexCodec>(R"("rice")");
  Random random(5, Purpose::kSharing);
  for (int i = 0; i < 2000; ++i) {
    // Up to half of all, in clusters, so that the mean gap says little.
    const std::uint32_t d = 1000 + (random() >> (1 + random.below(22)));
    Indices indices{random.below(d)};
    while (indices.size() < 1 + random.below(100) && d - indices.back() > 1) {
      const std::uint32_t far = random.below(d - indices.back() - 1);
      indices.push_back(indices.back() + 1 + (random.below(4) == 0 ? far : far % 10));
    }
    std::uint64_t best = ~std::uint64_t{0};
    for (int k = 0; k < 32; ++k) {
      std::uint64_t bits = 0;
      std::int64_t before = -1;
      for (const std::uint32_t index : indices) {
        bits += (static_cast<std::uint64_t>(index - before - 1) >> k) + 1 +
                static_cast<std::uint64_t>(k);
        before = index;
      }
      best = std::min(best, bits);
    }
    EXPECT_EQ(encoded(*codec, indices, d).size(), 1 + (best + 7) / 8);
  }
}

TEST(Rice, TakesOneByteForAllIndices) {
  const auto codec = codec_of<IndexCodec>(R"("rice")");
  for (const std::uint32_t d : {1u, 10u, 1'000'000u}) {
    EXPECT_EQ(encoded(*codec, first_indices(d), d).size(), 1u);
  }
}

// --- what is wrong with bytes is said ------------------------------------------------------------

std::string fault_of(const std::string& codec, const Bytes& code, std::uint32_t d) {
  try {
    decoded(*codec_of<IndexCodec>(codec), code, d);
  } catch (const CorruptError& error) {
    return error.fault();
  }
  return "none";
}

TEST(CorruptIndices, ThatEndWithinOneAreRefused) {
  const std::string fault = "its indices end within one";
  EXPECT_EQ(fault_of(R"("elias_gamma")", from_bits("00001"), 100), fault);
  EXPECT_EQ(fault_of(R"("elias_gamma")", from_bits("1" + std::string(31, '0')), 100), fault);
  EXPECT_EQ(fault_of(R"("elias_gamma")", Bytes(40), 100), fault);
  EXPECT_EQ(fault_of(R"("elias_delta")", from_bits("00101"), 100), fault);
  EXPECT_EQ(fault_of(R"("rice")", bytes_of({9, 0b01000000}), 10'000), fault);
  EXPECT_EQ(fault_of(R"("rice")", Bytes(40), 100), fault);
  EXPECT_EQ(fault_of(R"("varint")", bytes_of({5, 0x80}), 100), fault);
  EXPECT_EQ(fault_of(R"("varint")", bytes_of({255, 255, 255, 255, 255, 1}), kLargest), fault);
  EXPECT_EQ(fault_of(R"("none")", bytes_of({1, 0, 0}), 100), fault);
  EXPECT_EQ(fault_of(R"("gaps")", bytes_of({1, 0, 0, 0, 1}), 100), fault);
  EXPECT_EQ(fault_of(R"("bitpack")", bytes_of({1, 2, 3}), 65'536), fault);
  EXPECT_EQ(fault_of(R"("bitpack")", bytes_of({0b11010001, 0b10000001}), 8),
            "it has bits behind its last number");
}

TEST(CorruptIndices, ThatAreNotBelowDAreRefused) {
  const std::string fault = "an index is not below 100";
  for (const std::string& codec : kIndexCodecs) {
    if (codec.find("bitpack") != std::string::npos) continue;  // their width depends on d
    const Bytes code = encoded(*codec_of<IndexCodec>(codec), Indices{3, 100}, 200);
    EXPECT_EQ(fault_of(codec, code, 100), fault) << codec;
  }
  EXPECT_EQ(fault_of(R"("bitpack")", bytes_of({100}), 100), fault);  // 7 bits
  EXPECT_EQ(fault_of(R"("rice")", Bytes(600, std::byte{31}), 100), fault);
}

TEST(CorruptIndices, ThatDoNotAscendAreRefused) {
  const std::string fault = "its indices do not ascend";
  EXPECT_EQ(fault_of(R"("none")", bytes_of({5, 0, 0, 0, 5, 0, 0, 0}), 100), fault);
  EXPECT_EQ(fault_of(R"("none")", bytes_of({5, 0, 0, 0, 4, 0, 0, 0}), 100), fault);
  EXPECT_EQ(fault_of(R"("gaps")", bytes_of({0, 0, 0, 0}), 100), fault);
  EXPECT_EQ(fault_of(R"("gaps")", bytes_of({4, 0, 0, 0, 0, 0, 0, 0}), 100), fault);
  EXPECT_EQ(fault_of(R"("bitpack")", bytes_of({4, 4}), 256), fault);
  EXPECT_EQ(fault_of(R"("bitpack")", bytes_of({4, 0}), 256), fault);
}

TEST(CorruptIndices, InALongerFormThanNeededAreRefused) {
  EXPECT_EQ(fault_of(R"("varint")", bytes_of({0x85, 0x00}), 100), "an index has superfluous bytes");
  EXPECT_EQ(fault_of(R"("varint")", bytes_of({1, 0x85, 0x00, 1, 1, 1, 1, 1, 1}), 100),
            "an index has superfluous bytes");
  EXPECT_EQ(fault_of(R"("rice")", bytes_of({0x40}), 100), "its indices begin with an unknown byte");
  EXPECT_THAT(fault_of(R"("none")", Bytes(44), 10), HasSubstr("more indices"));
}

TEST(CorruptIndices, ThatPromiseMoreThanThereCanBeAreRefusedBeforeAnythingIsAllocated) {
  // LZ4 behind a length of 2^40; a Zstandard frame of 5 GB, all of it zeros.
  EXPECT_EQ(fault_of(R"("lz4")", bytes_of({0x80, 0x80, 0x80, 0x80, 0x80, 0x20, 0}), 1000),
            "it says that it has 1099511627776 bytes");
  const Bytes frame = bytes_of(
      {0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0xf2, 0x05, 0x2a, 0x01, 0, 0, 0, 0x03, 0x00, 0x00, 0x00});
  EXPECT_THAT(fault_of(R"("zstd")", frame, 1000),
              HasSubstr("it says that it has 5000000000 bytes"));
}

}  // namespace
}  // namespace kith
