#include <gtest/gtest.h>

#include "support/quadratic_run.h"

namespace kith {
namespace {

/// Nine nodes that read digits, with unequal partitions, and then a batch that is not full.
std::string digits(const std::string& training, const std::string& model = R"("linear")") {
  return R"({"nodes": 9, "rounds": 3, "graph": "ring", "model": )" + model + R"(,
    "dataset": {"type": "digits", "partition": {"type": "dirichlet", "alpha": 1}},
    "training": {"type": "sgd", "lr": 0.05, "momentum": 0.9, "batch_size": 24, )" +
         training + R"(},
    "evaluation": {"every": 0, "samples": 50}})";
}

const std::string kMlp = R"({"type": "mlp", "hidden": [16]})",
                  kLeNet = R"({"type": "lenet", "norm": "group"})",
                  kIm2col = R"("local_steps": 2, "cohort": 4, "cohort_convolution": "im2col")";

TEST(CohortRun, GivesTheSameBitsOnAnyNumberOfThreads) {
  for (const std::string steps :
       {R"("local_steps": 4, "cohort": 4)", R"("local_epochs": 1, "cohort": 4)"}) {
    TestRun runs;
    const std::uint64_t expected = runs.run(digits(steps, kMlp), 1).digest;
    EXPECT_EQ(runs.run(digits(steps, kMlp), 3).digest, expected) << steps;
  }
}

TEST(CohortRun, ConvolvesByIm2colToTheSameBitsOnAnyNumberOfThreads) {
  TestRun runs;
  const auto one = runs.run(digits(kIm2col, kLeNet), 1);
  EXPECT_EQ(runs.run(digits(kIm2col, kLeNet), 3).digest, one.digest);
  const auto grouped = runs.run(digits(R"("local_steps": 2, "cohort": 4)", kLeNet), 1);
  EXPECT_NE(one.digest, grouped.digest) << "a numeric mode of its own";
  EXPECT_NEAR(one.network.loss_mean, grouped.network.loss_mean, 1e-4 * grouped.network.loss_mean);
}

TEST(CohortRun, TrainsAsNodesByThemselvesDo) {
  for (const std::string& model : {std::string(R"("linear")"), kMlp}) {
    TestRun runs;
    const auto alone = runs.run(digits(R"("local_steps": 4)", model), 2);
    const auto together = runs.run(digits(R"("local_steps": 4, "cohort": 4)", model), 2);
    EXPECT_NE(alone.digest, together.digest) << "cohorts are a numeric mode of their own";
    EXPECT_NEAR(together.network.loss_mean, alone.network.loss_mean,
                1e-4 * alone.network.loss_mean);
  }
}

}  // namespace
}  // namespace kith
