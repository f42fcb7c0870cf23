#include "node/outer_step.h"

#include <gtest/gtest.h>

#include <cmath>

#include "kernels/every_level.h"

namespace kith {
namespace {

constexpr std::size_t kSize = 5'001;

// By the equations of outer_step.h, coordinate by coordinate, with what three steps leave behind.
TEST(OuterStep, IsThatOfItsEquationsInEveryCoordinate) {
  for (const std::string type : {"sgd", "nesterov", "adagrad", "adam", "yogi"}) {
    SCOPED_TRACE(type);
    const bool nesterov = type == "nesterov", is_sgd = nesterov || type == "sgd";
    OuterStep step(
        {.type = is_sgd ? "sgd" : type, .lr = 0.7, .momentum = 0.9, .nesterov = nesterov}, kSize,
        Device{});
    std::vector<double> m(kSize), v(kSize, 1e-6);
    Array x = kernels::random_array(kSize, 1);
    for (std::uint64_t round = 0; round < 3; ++round) {
      const Array mean = kernels::random_array(kSize, 2 + round);
      Array out(kSize);
      step.step(x.view(), mean.view(), out.view());
      for (std::size_t i = 0; i < kSize; ++i) {
        const double delta = double{mean[i]} - double{x[i]};
        m[i] = 0.9 * m[i] + (is_sgd ? 1 : 0.1) * delta;
        const double square = delta * delta;
        if (type == "adagrad") v[i] += square;
        if (type == "adam") v[i] = 0.99 * v[i] + 0.01 * square;
        if (type == "yogi") v[i] -= 0.01 * square * (v[i] > square ? 1 : -1);
        const double along = nesterov ? delta + 0.9 * m[i] : m[i];
        const double want = x[i] + 0.7 * (is_sgd ? along : m[i] / (std::sqrt(v[i]) + 1e-3));
        ASSERT_NEAR(out[i], want, 1e-5 * (1 + std::abs(want))) << i;
      }
      x = std::move(out);
    }
  }
}

TEST(OuterStep, WithoutMomentumAndALearningRateOfOneIsTheMeanItself) {
  OuterStep step({}, kSize, Device{});
  const Array x = kernels::random_array(kSize, 1), mean = kernels::random_array(kSize, 2);
  Array out(kSize);
  step.step(x.view(), mean.view(), out.view());
  EXPECT_TRUE(kernels::same_bits(out.view(), mean.view()));
}

TEST(OuterStep, MayWriteWhereTheMeanIs) {
  const OuterStep::Options options{.lr = 0.7, .momentum = 0.9};
  OuterStep one(options, kSize, Device{}), other(options, kSize, Device{});
  const Array x = kernels::random_array(kSize, 1);
  Array mean = kernels::random_array(kSize, 2), out(kSize);
  one.step(x.view(), mean.view(), out.view());
  other.step(x.view(), mean.view(), mean.view());
  EXPECT_TRUE(kernels::same_bits(out.view(), mean.view()));
}

}  // namespace
}  // namespace kith
