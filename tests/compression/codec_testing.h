#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "compression/messages.h"
#include "core/random.h"

namespace kith {

using Indices = std::vector<std::uint32_t>;

/// Every codec of indices, and chains, as a config has them.
inline const std::vector<std::string> kIndexCodecs = {
    R"("none")",
    R"("gaps")",
    R"("elias_gamma")",
    R"("elias_delta")",
    R"("rice")",
    R"("varint")",
    R"("bitpack")",
    R"("lz4")",
    R"({"type": "lz4", "shuffle": false})",
    R"("zstd")",
    R"(["bitpack", {"type": "zstd", "level": 3}])",
    R"(["rice", "lz4", "zstd"])",
    R"(["lz4", "zstd"])",
};

/// Every codec of numbers that loses nothing, and chains of those.
inline const std::vector<std::string> kLosslessCodecs = {
    R"("none")",
    R"("fpzip")",
    R"("lz4")",
    R"("zstd")",
    R"(["none", "lz4"])",
    R"({"type": "zstd", "level": 5, "shuffle": false})",
    R"(["fpzip", "zstd"])",
    R"(["lz4", {"type": "zstd"}])",
};

inline const std::vector<std::string> kLossyCodecs = {
    R"("quantization")",
    R"({"type": "quantization", "levels": 1})",
    R"({"type": "quantization", "levels": 5})",
    R"({"type": "quantization", "levels": 127})",
    R"(["quantization", "zstd"])",
    R"([{"type": "quantization", "levels": 127}, "lz4"])",
    R"({"type": "fpzip", "precision": 2})",
    R"({"type": "fpzip", "precision": 8})",
    R"({"type": "fpzip", "precision": 9})",
    R"([{"type": "fpzip", "precision": 16}, "zstd"])",
};

template <class Numbers>
auto codec_of(const std::string& json) {
  Chain<Numbers> chain;
  FieldType<Chain<Numbers>>::read(Config::parse(json, "codec.json"), chain);
  return make_codec(chain);
}

inline CodecOptions codec_options(const std::string& json) {
  CodecOptions options;
  FieldType<CodecOptions>::read(Config::parse(json, "run.json"), options);
  return options;
}

inline Bytes encoded(const IndexCodec& codec, IndexView indices, std::uint32_t d) {
  Bytes code;
  codec.encode(indices, d, code);
  return code;
}

inline Bytes encoded(const ValueCodec& codec, ConstArrayView values) {
  Bytes code;
  codec.encode(values, code);
  return code;
}

inline Indices decoded(const IndexCodec& codec, ByteView code, std::uint32_t d) {
  Indices indices{7, 7};  // to be replaced
  codec.decode(code, d, indices);
  return indices;
}

inline ArrayView view(std::vector<float>& values) { return {values.data(), values.size(), {}}; }
inline ConstArrayView view(const std::vector<float>& values) {
  return {values.data(), values.size(), {}};
}

/// A message of any number of coordinates below d, with a value each, behind a head of this size.
inline Form sparse_form(std::uint32_t d, std::size_t head = 0) {
  return {.head = head, .indices = d, .values = d, .at_most = true};
}

inline Bytes bytes_of(std::initializer_list<int> values) {
  Bytes bytes;
  for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

/// Each index below `d` with probability p.
inline Indices random_indices(std::uint32_t d, double p, Random& random) {
  Indices indices;
  for (std::uint32_t i = 0; i < d; ++i) {
    if (random.uniform() < p) indices.push_back(i);
  }
  return indices;
}

inline Indices first_indices(std::uint32_t count) {
  Indices indices(count);
  std::iota(indices.begin(), indices.end(), 0u);
  return indices;
}

/// A small vector of any kind: constants, normal numbers, arbitrary bits, or what is rare.
inline std::vector<float> random_values(Random& random) {
  static constexpr std::uint32_t kRare[] = {
      0,          0x80000000,              // 0, −0
      0x7f800000, 0xff800000,              // ±∞
      0x7fc00000, 0xffc12345, 0x7f800001,  // NaN: quiet, with a payload, signaling
      1,          0x80000001, 0x007fffff,  // denormals
      0x00800000, 0x7f7fffff, 0xff7fffff,  // the smallest normal number, the largest ones
  };
  std::vector<float> values(random.below(8) == 0 ? random.below(3) : random.below(150));
  const std::uint32_t kind = random.below(5);
  const auto constant = static_cast<float>(random.normal());
  const auto scale = static_cast<float>(std::ldexp(1.0, static_cast<int>(random.below(80)) - 60));
  for (float& value : values) {
    std::uint32_t bits = random();
    switch (kind) {
      case 0:
        value = constant;
        continue;
      case 1:
        value = scale * static_cast<float>(random.normal());
        continue;
      case 2:
        bits = kRare[random.below(std::size(kRare))];
        break;
      case 3:
        if (bits % 2 == 0) bits = kRare[random.below(std::size(kRare))];
        break;
      default:
        break;
    }
    value = std::bit_cast<float>(bits);
  }
  return values;
}

/// The same with NaN and infinity replaced.
inline std::vector<float> random_finite_values(Random& random) {
  std::vector<float> values = random_values(random);
  for (float& value : values) {
    if (!std::isfinite(value)) value = 0.25f;
  }
  return values;
}

}  // namespace kith
