#include <gtest/gtest.h>

#include <cmath>

#include "compression/compressing.h"
#include "support/state_copy.h"

namespace kith {
namespace {

ParameterLayout matrix_and_bias(std::int64_t rows, std::int64_t columns) {
  ParameterLayout layout;
  layout.add("weight", {rows, columns});
  layout.add("bias", {rows});
  return layout;
}

TEST(LowRank, AMatrixOfThatRankIsSaidExactlyAndABiasInFull) {
  const Compressing q(R"({"type": "low_rank", "rank": 2})", matrix_and_bias(12, 9));
  const std::vector<float> u = normal_vector(24, 1), v = normal_vector(18, 2);
  std::vector<float> x = normal_vector(12 * 9 + 12, 3);
  for (std::size_t i = 0; i < 12; ++i) {
    for (std::size_t j = 0; j < 9; ++j) x[i * 9 + j] = u[i] * v[j] + u[12 + i] * v[9 + j];
  }
  const std::vector<float> said = q.of(x);
  for (std::size_t i = 0; i < 108; ++i) EXPECT_NEAR(said[i], x[i], 1e-5);
  for (std::size_t i = 108; i < 120; ++i) EXPECT_EQ(said[i], x[i]);
  EXPECT_EQ(q->form().values, 2u * (12 + 9) + 12);
}

TEST(LowRank, AMatrixOfLowerRankIsSaidExactlyToo) {
  const Compressing q(R"({"type": "low_rank", "rank": 3})", matrix_and_bias(10, 10));
  std::vector<float> x(110);
  for (std::size_t i = 0; i < 10; ++i) {
    for (std::size_t j = 0; j < 10; ++j) x[i * 10 + j] = float(i + 1) * float(j + 1);
  }
  for (std::uint32_t step = 0; step < 3; ++step) {
    const std::vector<float> said = q.of(x, step);
    for (std::size_t i = 0; i < 110; ++i) EXPECT_NEAR(said[i], x[i], 1e-4);
  }
}

TEST(LowRank, IsAProjectionAndNeverAddsToTheError) {
  for (const char* json : {R"({"type": "low_rank", "rank": 1})",
                           R"({"type": "low_rank", "rank": 3, "warm_start": false})"}) {
    const Compressing q(json, matrix_and_bias(20, 30));
    for (std::uint32_t step = 0; step < 50; ++step) {
      const std::vector<float> x = normal_vector(620, step);  // the warm start is of another one
      const std::vector<float> said = q.of(x, step);
      // ‖x‖² = ‖Q(x)‖² + ‖x − Q(x)‖²
      EXPECT_NEAR(squared_norm(said) + squared_error(said, x), squared_norm(x), 1e-2);
    }
  }
}

TEST(LowRank, SmallAndLargeMatricesKeepTheirScale) {
  const std::vector<float> x = normal_vector(620, 1);
  const Compressing q(R"({"type": "low_rank", "rank": 2})", matrix_and_bias(20, 30));
  const double error = squared_error(q.of(x), x);
  for (const float scale : {1e-30f, 1e30f}) {
    std::vector<float> scaled = x;
    for (float& value : scaled) value *= scale;
    const Compressing fresh(R"({"type": "low_rank", "rank": 2})", matrix_and_bias(20, 30));
    std::vector<float> said = fresh.of(scaled);
    for (float& value : said) value /= scale;
    EXPECT_NEAR(squared_error(said, x), error, 1e-3 * error);
  }
}

TEST(LowRank, GoesOnFromItsStateAsIfItHadNeverStopped) {
  const auto make = [] {
    return Compressing(R"({"type": "low_rank", "rank": 2})", matrix_and_bias(8, 9));
  };
  const Compressing first = make(), second = make();
  for (std::uint32_t step = 0; step < 4; ++step) first.of(normal_vector(80, step), step);
  StateCopy state;
  first->walk_state(state);
  state.restores = true;
  second->walk_state(state);
  EXPECT_EQ(second.of(normal_vector(80, 9), 9), first.of(normal_vector(80, 9), 9));
}

}  // namespace
}  // namespace kith
