#include "kernels/fingerprint.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace kith::kernels {
namespace {

const Stream kStream{1, Purpose::kSharing, 2, 3};

std::vector<std::int32_t> random_integers(std::size_t size) {
  Random random(size, Purpose::kModel);
  std::vector<std::int32_t> values(size);
  for (std::int32_t& value : values) {
    value = static_cast<std::int32_t>(random.below(1u << 30)) - (1 << 29);
  }
  return values;
}

std::uint64_t fingerprint(const std::vector<std::int32_t>& values, const Stream& stream = kStream) {
  Fingerprint print(stream);
  print.add(values);
  return print.value();
}

TEST(Fingerprint, IsThePolynomialModuloThePrime) {
  __extension__ using Wide = unsigned __int128;
  constexpr std::uint64_t kPrime = (std::uint64_t{1} << 61) - 1;
  const Wide r = 1 + Random(kStream).bits64() % (kPrime - 1);
  for (const std::size_t size : {0, 1, 2, 7, 8, 9, 100, 4099}) {
    std::vector<std::int32_t> values = random_integers(size);
    const std::uint64_t found = fingerprint(values);
    values.resize((size + 7) / 8 * 8);
    Wide sum = 0;
    for (std::size_t i = 0; i < values.size(); i += 2) {
      const auto low = static_cast<std::uint64_t>(values[i] + (1 << 29));
      const auto high = static_cast<std::uint64_t>(values[i + 1] + (1 << 29));
      sum = (sum * r + (low + (high << 30))) % kPrime;
    }
    EXPECT_EQ(found, static_cast<std::uint64_t>(sum)) << size;
  }
}

TEST(Fingerprint, AnyOneChangeIsSeen) {
  const std::vector<std::int32_t> values = random_integers(1001);
  std::set<std::uint64_t> seen{fingerprint(values)};
  std::size_t changes = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (const std::int32_t change : {-1, 1, -256, 1 << 20}) {
      std::vector<std::int32_t> changed = values;
      changed[i] += change;
      if (changed[i] < -(1 << 29) || changed[i] >= 1 << 29) continue;
      seen.insert(fingerprint(changed));
      ++changes;
    }
  }
  EXPECT_EQ(seen.size(), 1 + changes);
}

TEST(Fingerprint, MayComePieceByPiece) {
  const std::vector<std::int32_t> values = random_integers(1003);
  for (const std::size_t cut : {0, 8, 512, 1000}) {
    Fingerprint print(kStream);
    print.add(std::span(values).first(cut));
    print.add(std::span(values).subspan(cut));
    EXPECT_EQ(print.value(), fingerprint(values));
  }
}

TEST(Fingerprint, IsAnotherInAnotherRound) {
  const std::vector<std::int32_t> values = random_integers(10);
  Stream next = kStream;
  ++next.round;
  EXPECT_NE(fingerprint(values), fingerprint(values, next));
}

}  // namespace
}  // namespace kith::kernels
