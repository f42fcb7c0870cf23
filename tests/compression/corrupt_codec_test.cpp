#include <gtest/gtest.h>

#include <set>

#include "compression/codec_testing.h"

/// What others send is mutated a hundred thousand times for each decoder. It must come to a
/// CorruptError or to something an encoder could have been given, in bounded memory; the
/// sanitizers' builds see to the rest.
namespace kith {
namespace {

constexpr int kMutations = 100'000;

/// Flips, cuts, lengthens, overwrites or replaces it.
Bytes mutated(Bytes code, Random& random) {
  const auto any_byte = [&] { return static_cast<std::byte>(random()); };
  const auto any_place = [&] { return random.below(static_cast<std::uint32_t>(code.size())); };
  for (std::uint32_t times = 1 + random.below(3); times > 0; --times) {
    switch (code.empty() ? 3 : random.below(6)) {
      case 0:
        code[any_place()] ^= std::byte{1} << random.below(8);
        break;
      case 1:
        code.resize(any_place());
        break;
      case 2:
        code[any_place()] = any_byte();
        break;
      case 3:
        for (std::uint32_t more = 1 + random.below(12); more > 0; --more) {
          code.push_back(any_byte());
        }
        break;
      case 4:
        std::fill_n(code.begin() + any_place(), 1,
                    random.below(2) == 0 ? std::byte{0} : std::byte{255});
        break;
      default:
        for (std::byte& byte : code) byte = any_byte();
        break;
    }
  }
  return code;
}

class CorruptIndexCode : public ::testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Codec, CorruptIndexCode, ::testing::ValuesIn(kIndexCodecs));

TEST_P(CorruptIndexCode, IsRefusedOrIsTheCodeOfSomeIndices) {
  // For these a set has one code: what is decoded is encoded to the same bytes again.
  static const std::set<std::string> kUnique = {R"("none")",        R"("gaps")",
                                                R"("elias_gamma")", R"("elias_delta")",
                                                R"("varint")",      R"("bitpack")"};
  const auto codec = codec_of<IndexCodec>(GetParam());
  Random random(1, Purpose::kSharing);
  std::vector<std::pair<std::uint32_t, Bytes>> codes;  // with d
  for (int i = 0; i < 500; ++i) {
    const std::uint32_t d = 1 + random.below(i % 10 == 0 ? 100'000 : 100);
    const double p = d > 100 ? 0.01 : random.uniform();
    codes.emplace_back(d, encoded(*codec, random_indices(std::min(d, 1000u), p, random), d));
  }
  int refused = 0;
  for (int i = 0; i < kMutations; ++i) {
    const auto& [d, right] = codes[random.below(static_cast<std::uint32_t>(codes.size()))];
    const Bytes code = mutated(right, random);
    try {
      const Indices indices = decoded(*codec, code, d);
      ASSERT_LE(indices.capacity(), 2 * std::size_t{d} + 4096);
      for (std::size_t k = 0; k < indices.size(); ++k) {
        ASSERT_LT(indices[k], d);
        if (k > 0) {
          ASSERT_LT(indices[k - 1], indices[k]);
        }
      }
      if (kUnique.contains(GetParam())) {
        ASSERT_EQ(encoded(*codec, indices, d), code);
      }
    } catch (const CorruptError&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, kMutations / 10);
}

class CorruptValueCode : public ::testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Lossless, CorruptValueCode, ::testing::ValuesIn(kLosslessCodecs));
INSTANTIATE_TEST_SUITE_P(Lossy, CorruptValueCode, ::testing::ValuesIn(kLossyCodecs));

TEST_P(CorruptValueCode, IsRefusedOrGivesNumbers) {
  const auto codec = codec_of<ValueCodec>(GetParam());
  Random random(2, Purpose::kSharing);
  std::vector<std::pair<std::size_t, Bytes>> codes;  // with the number of values
  for (int i = 0; i < 500; ++i) {
    const std::vector<float> values = random_finite_values(random);
    codes.emplace_back(values.size(), encoded(*codec, view(values)));
  }
  std::vector<float> values;
  int refused = 0;
  for (int i = 0; i < kMutations; ++i) {
    const auto& [count, right] = codes[random.below(static_cast<std::uint32_t>(codes.size()))];
    const Bytes code = mutated(right, random);
    values.resize(random.below(4) == 0 ? random.below(200) : count);
    try {
      codec->decode(code, view(values));
    } catch (const CorruptError&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, kMutations / 10);
}

TEST(CorruptMessages, AreRefusedOrAreMessages) {
  Random random(3, Purpose::kSharing);
  for (const char* json :
       {"{}", R"({"indices": "none"})", R"({"indices": "bitpack", "values": "quantization"})",
        R"({"indices": ["gaps", "zstd"], "values": ["fpzip", "lz4"]})"}) {
    const Codec codec(codec_options(json));
    int refused = 0;
    for (int i = 0; i < kMutations / 4; ++i) {
      const std::uint32_t d = 1 + random.below(100);
      const Indices indices = random_indices(d, random.uniform(), random);
      const std::vector<float> values(indices.size(), 0.5f);
      const Body body = in_bytes(codec, message(indices, values), sparse_form(d), d);
      const Body corrupt(mutated(Bytes(body.coded().begin(), body.coded().end()), random));
      Compressed received;
      try {
        codec.decode(5, corrupt, sparse_form(d), d, received);
        ASSERT_EQ(received.indices.size(), received.values.size());
      } catch (const PeerError&) {
        ++refused;
      }
    }
    EXPECT_GT(refused, kMutations / 40) << json;
  }
}

}  // namespace
}  // namespace kith
