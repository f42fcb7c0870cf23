#include "kernels/mix.h"

#include "kernels/every_level.h"

namespace kith::kernels {
namespace {

class Mix : public EveryLevel {
 protected:
  /// `count` terms of different weights that begin at different places of one vector.
  std::vector<Term> terms(std::size_t count, std::size_t size) const {
    std::vector<Term> terms;
    for (std::size_t k = 0; k < count; ++k) {
      terms.push_back({0.3f - 0.01f * float(k), numbers_.view().part(k, size)});
    }
    return terms;
  }

  ConstArrayView x(std::size_t offset, std::size_t size) const {
    return numbers_.view().part(100 + offset, size);
  }

 private:
  const Array numbers_ = random_array(1'000'003 + 200, 1);
};
INSTANTIATE_TEST_SUITE_P(Level, Mix, supported_levels(), level_name);

/// The definition, coordinate by coordinate.
Array naive_mix(float self_weight, ConstArrayView x, const std::vector<Term>& terms) {
  Array out(x.size);
  for (std::size_t i = 0; i < x.size; ++i) {
    out[i] = self_weight * x.data[i];
    for (const Term& term : terms) out[i] += term.weight * term.vector.data[i];
  }
  return out;
}

TEST_P(Mix, IsTheSumFromLeftToRight) {
  for (const std::size_t size : kSizes) {
    for (const std::size_t offset : kOffsets) {
      for (const std::size_t count : {0, 3, 8}) {
        const auto neighbors = terms(count, size);
        Array out(size + offset);
        mix(0.4f, x(offset, size), neighbors, out.view().part(offset, size));
        EXPECT_TRUE(same_bits(out.view().part(offset, size),
                              naive_mix(0.4f, x(offset, size), neighbors).view()))
            << size << " coordinates at " << offset << ", " << count << " terms";
      }
    }
  }
}

TEST_P(Mix, TakesAnyNumberOfNeighbors) {
  constexpr std::size_t size = 33'000;  // more than two blocks
  for (std::size_t count = 0; count <= 70; ++count) {
    const auto neighbors = terms(count, size);
    Array out(size);
    mix(0.4f, x(0, size), neighbors, out.view());
    EXPECT_TRUE(same_bits(out.view(), naive_mix(0.4f, x(0, size), neighbors).view())) << count;
  }
}

TEST_P(Mix, MayWriteOverItsOwnVector) {
  for (const std::size_t size : {33, 33'000}) {
    for (const std::size_t count : {0, 2, 5, 6, 20}) {
      const auto neighbors = terms(count, size);
      Array own = copy_of(x(0, size));
      mix(0.4f, own.view(), neighbors, own.view());
      EXPECT_TRUE(same_bits(own.view(), naive_mix(0.4f, x(0, size), neighbors).view())) << count;
    }
  }
}

TEST_P(Mix, WritesNothingBesideItsOutput) {
  Array out(35);
  out[0] = out[34] = 7;
  mix(0.4f, x(0, 33), terms(6, 33), out.view().part(1, 33));
  EXPECT_EQ(out[0], 7);
  EXPECT_EQ(out[34], 7);
}

}  // namespace
}  // namespace kith::kernels
