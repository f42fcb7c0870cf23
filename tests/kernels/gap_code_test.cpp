#include "kernels/gap_code.h"

#include <bit>

#include "kernels/elias.h"
#include "kernels/every_level.h"
#include "kernels/rice.h"
#include "kernels/varint.h"

namespace kith::kernels {
namespace {

using Indices = std::vector<std::uint32_t>;
using Bytes = std::vector<std::byte>;

constexpr std::uint32_t kLimit = 1u << 31;

/// `count` indices whose gaps have any number of binary digits up to `digits`, as far as they go.
Indices random_gaps(std::size_t count, std::uint32_t digits, std::uint64_t seed) {
  Random random(seed, Purpose::kSharing);
  Indices indices;
  std::uint64_t next = 0;
  for (std::size_t i = 0; i < count; ++i) {
    next += random() >> (31 - random.below(digits));
    if (next >= kLimit) break;
    indices.push_back(static_cast<std::uint32_t>(next++));
  }
  return indices;
}

std::vector<Indices> samples() {
  std::vector<Indices> samples{{}, {0}, {kLimit - 1}, {0, kLimit - 1}};
  for (const std::size_t count : {1, 2, 3, 31, 32, 33, 4097, 100'003}) {
    for (const std::uint32_t digits : {1u, 3u, 9u, 15u, 31u}) {
      samples.push_back(random_gaps(count, digits, count + digits));
    }
  }
  return samples;
}

template <class Code>
void for_each_gap(const Indices& indices, Code code) {
  std::int64_t before = -1;
  for (const std::uint32_t index : indices) {
    code(static_cast<std::uint64_t>(index - before));
    before = index;
  }
}

/// A stream of bits written one by one.
class Bits {
 public:
  void put(bool bit) {
    if (size_ % 8 == 0) bytes_.push_back(std::byte{0});
    if (bit) bytes_.back() |= std::byte{0x80} >> (size_ % 8);
    ++size_;
  }
  void zeros(std::uint64_t count) {
    for (; count > 0; --count) put(false);
  }
  void number(std::uint64_t number, int digits) {
    for (int k = digits - 1; k >= 0; --k) put((number >> k & 1) != 0);
  }
  void gamma(std::uint64_t number) {
    zeros(static_cast<std::uint64_t>(std::bit_width(number) - 1));
    this->number(number, std::bit_width(number));
  }

  const Bytes& bytes() const { return bytes_; }

 private:
  Bytes bytes_;
  std::uint64_t size_ = 0;
};

/// What an encoder writes into just the room it asks for; a byte behind it must stay.
template <class Encode>
Bytes written(std::size_t room, Encode encode) {
  Bytes bytes(room + 1, std::byte{0x5a});
  const std::size_t size = encode(bytes.data());
  EXPECT_LE(size, room);
  EXPECT_EQ(bytes.back(), std::byte{0x5a});
  bytes.resize(size);
  return bytes;
}

/// All indices, by pieces of `piece`.
template <class Decode>
Indices read_all(std::span<const std::byte> code, std::size_t piece, Decode decode) {
  Indices all;
  Indices buffer(piece);
  GapReader reader{.code = code, .limit = kLimit};
  while (!reader.done) {
    const std::size_t count = decode(reader, std::span(buffer));
    all.insert(all.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(count));
  }
  EXPECT_EQ(reader.fault, GapFault::kNone);
  return all;
}

class GapCode : public EveryLevel {};
INSTANTIATE_TEST_SUITE_P(Level, GapCode, supported_levels(), level_name);

TEST_P(GapCode, EliasGammaIsItsDefinitionBitByBit) {
  for (const Indices& indices : samples()) {
    Bits bits;
    for_each_gap(indices, [&](std::uint64_t gap) { bits.gamma(gap); });
    const Bytes code = written(elias_gamma_room(indices.size(), kLimit),
                               [&](std::byte* out) { return elias_gamma_encode(indices, out); });
    EXPECT_TRUE(code == bits.bytes());
    for (const std::size_t piece : {kLeastPiece, kLeastPiece + 1, std::size_t{1000}}) {
      EXPECT_TRUE(read_all(code, piece, elias_gamma_decode) == indices);
    }
  }
}

TEST_P(GapCode, EliasDeltaIsItsDefinitionBitByBit) {
  for (const Indices& indices : samples()) {
    Bits bits;
    for_each_gap(indices, [&](std::uint64_t gap) {
      const int digits = std::bit_width(gap);
      bits.gamma(static_cast<std::uint64_t>(digits));
      bits.number(gap, digits - 1);
    });
    const Bytes code = written(elias_delta_room(indices.size(), kLimit),
                               [&](std::byte* out) { return elias_delta_encode(indices, out); });
    EXPECT_TRUE(code == bits.bytes());
    for (const std::size_t piece : {kLeastPiece, kLeastPiece + 1, std::size_t{1000}}) {
      EXPECT_TRUE(read_all(code, piece, elias_delta_decode) == indices);
    }
  }
}

TEST_P(GapCode, RiceIsItsDefinitionBitByBit) {
  for (const Indices& indices : samples()) {
    for (const int k : {0, 1, 5, 13, 30, 31}) {
      std::uint64_t quotients = 0;
      for_each_gap(indices, [&](std::uint64_t gap) { quotients += (gap - 1) >> k; });
      if (quotients > 1'000'000) continue;  // nobody would choose this k
      Bits bits;
      for_each_gap(indices, [&](std::uint64_t gap) {
        bits.zeros((gap - 1) >> k);
        bits.put(true);
        bits.number(gap - 1, k);
      });
      const std::uint64_t length = quotients + indices.size() * (1 + static_cast<std::uint64_t>(k));
      const Bytes code = written(static_cast<std::size_t>((length + 7) / 8),
                                 [&](std::byte* out) { return rice_encode(indices, k, out); });
      EXPECT_TRUE(code == bits.bytes()) << k;
      for (const std::size_t piece : {kLeastPiece, std::size_t{1000}}) {
        EXPECT_TRUE(read_all(code, piece,
                             [k](auto& reader, auto out) { return rice_decode(reader, k, out); }) ==
                    indices)
            << k;
      }
    }
  }
}

TEST_P(GapCode, RiceQuotientsAreTheirSums) {
  for (const Indices& indices : samples()) {
    for (const int k : {0, 3, 17, 29}) {
      const RiceQuotients quotients = rice_quotients(indices, k);
      for (int more = 0; more < 3; ++more) {
        std::uint64_t sum = 0;
        for_each_gap(indices, [&](std::uint64_t gap) { sum += (gap - 1) >> (k + more); });
        EXPECT_EQ(quotients.sums[more], sum);
      }
    }
  }
}

TEST_P(GapCode, VarintIsItsDefinitionByteByByte) {
  for (const Indices& indices : samples()) {
    Bytes bytes;
    for_each_gap(indices, [&](std::uint64_t gap) {
      std::uint64_t rest = gap - 1;
      for (; rest > 127; rest /= 128) bytes.push_back(static_cast<std::byte>(128 + rest % 128));
      bytes.push_back(static_cast<std::byte>(rest));
    });
    EXPECT_LE(bytes.size(), varint_room(indices.size(), kLimit));
    const Bytes code = written(varint_room(indices.size(), kLimit) + kVarintSlack,
                               [&](std::byte* out) { return varint_encode(indices, out); });
    EXPECT_TRUE(code == bytes);
    for (const std::size_t piece : {kLeastPiece, kLeastPiece + 1, std::size_t{1000}}) {
      EXPECT_TRUE(read_all(code, piece, varint_decode) == indices);
    }
  }
}

TEST_P(GapCode, RefusesTheFirstIndexThatIsNotBelowTheLimit) {
  const Indices indices{5, 90, 100, 101, 102, 103, 200};
  Bytes code(100);
  Indices out(1000);
  for (std::uint64_t limit = 1; limit < 202; ++limit) {
    const auto check = [&](std::size_t size, auto decode) {
      GapReader reader{.code = std::span(code).first(size), .limit = limit};
      const std::size_t count = decode(reader, std::span(out));
      EXPECT_TRUE(reader.done);
      if (limit == 201) {
        EXPECT_EQ(reader.fault, GapFault::kNone);
        EXPECT_EQ(count, indices.size());
      } else {
        EXPECT_EQ(reader.fault, GapFault::kTooLarge) << limit;
      }
    };
    check(elias_gamma_encode(indices, code.data()), elias_gamma_decode);
    check(elias_delta_encode(indices, code.data()), elias_delta_decode);
    check(varint_encode(indices, code.data()), varint_decode);
    check(rice_encode(indices, 2, code.data()),
          [](auto& reader, auto piece) { return rice_decode(reader, 2, piece); });
  }
}

TEST_P(GapCode, AscendFindsTheOneThatDoesNot) {
  for (const std::size_t size : {1, 2, 31, 32, 33, 100}) {
    Indices indices(size);
    for (std::size_t i = 0; i < size; ++i) indices[i] = static_cast<std::uint32_t>(10 + 2 * i);
    const std::uint32_t limit = indices.back() + 1;
    EXPECT_TRUE(ascend(indices, 10, limit));
    EXPECT_FALSE(ascend(indices, 11, limit));
    EXPECT_FALSE(ascend(indices, 10, limit - 1));
    for (std::size_t i = 1; i < size; ++i) {
      const std::uint32_t right = indices[i];
      for (const std::uint32_t wrong : {0u, indices[i - 1]}) {
        indices[i] = wrong;
        EXPECT_FALSE(ascend(indices, 10, limit)) << i << " of " << size;
      }
      indices[i] = right;
    }
  }
  EXPECT_TRUE(ascend({}, 0, 0));
  EXPECT_TRUE(ascend(Indices{0xffffffff}, 0, 1ull << 32));
  EXPECT_FALSE(ascend(Indices{0x7fffffff, 0x80000000, 0x7fffffff}, 0, 1ull << 32));
}

}  // namespace
}  // namespace kith::kernels
