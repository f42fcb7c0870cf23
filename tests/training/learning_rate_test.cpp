#include "training/learning_rate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace kith {
namespace {

std::unique_ptr<LearningRate> schedule(const std::string& json) {
  return LearningRate::registry().read(Config::parse(json, "test")).make();
}

TEST(LearningRate, ConstantIsOne) {
  EXPECT_EQ(schedule(R"("constant")")->factor(0), 1);
  EXPECT_EQ(schedule(R"("constant")")->factor(1'000'000), 1);
}

TEST(LearningRate, StepChangesEverySoManySteps) {
  const auto step = schedule(R"({"type": "step", "every": 3, "factor": 0.5})");
  const double expected[] = {1, 1, 1, 0.5, 0.5, 0.5, 0.25};
  for (int t = 0; t < 7; ++t) EXPECT_EQ(step->factor(t), expected[t]) << t;
}

TEST(LearningRate, CosineFollowsPyTorchsClosedFormAndStaysAtItsFloor) {
  const auto cosine = schedule(R"({"type": "cosine", "steps": 40, "floor": 0.1})");
  for (int t = 0; t <= 40; ++t) {
    EXPECT_NEAR(cosine->factor(t), 0.1 + 0.9 * (1 + std::cos(std::numbers::pi * t / 40)) / 2, 1e-15)
        << t;
  }
  EXPECT_EQ(cosine->factor(0), 1);
  EXPECT_EQ(cosine->factor(40), 0.1);
  EXPECT_EQ(cosine->factor(60), 0.1);
}

TEST(LearningRate, WarmupRisesThenCountsTheNextScheduleFromItsEnd) {
  const auto warmup = schedule(
      R"({"type": "warmup", "steps": 4, "then": {"type": "step", "every": 2, "factor": 0.1}})");
  const double expected[] = {0.25, 0.5, 0.75, 1, 1, 1, 0.1, 0.1};
  for (int t = 0; t < 8; ++t) EXPECT_EQ(warmup->factor(t), expected[t]) << t;
}

TEST(LearningRate, WarmupAloneEndsInAConstant) {
  EXPECT_EQ(schedule(R"({"type": "warmup", "steps": 2})")->factor(9), 1);
}

}  // namespace
}  // namespace kith
