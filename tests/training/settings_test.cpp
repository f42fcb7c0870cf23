#include "training/settings.h"

#include <gtest/gtest.h>

#include "training/optimizer.h"

namespace kith {
namespace {

TrainingSettings settings(const std::string& members) {
  const std::string json = R"({"type": "sgd")" + (members.empty() ? "" : ", " + members) + "}";
  return Optimizer::registry().read(Config::parse(json, "run.json")).common();
}

std::string message(const std::string& members) {
  try {
    settings(members);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(TrainingSettings, TakeABatchSizeThatIsANumberOrFull) {
  EXPECT_FALSE(settings("").batch_size.has_value());
  EXPECT_EQ(settings(R"("batch_size": 16)").batch_size->samples, 16);
  EXPECT_TRUE(settings(R"("batch_size": "full")").batch_size->is_full());
}

TEST(TrainingSettings, SayWhatABatchSizeCanBe) {
  const std::string start =
      "run.json: /batch_size: must be a number of samples, at least 1, or \"full\", got ";
  EXPECT_EQ(message(R"("batch_size": 0)"), start + "0");
  EXPECT_EQ(message(R"("batch_size": "all")"), start + "\"all\"");
}

TEST(TrainingSettings, TakeACohortThatIsANumberOrAWord) {
  EXPECT_EQ(settings("").cohort.nodes, 0);
  EXPECT_EQ(settings(R"("cohort": "auto")").cohort.nodes, 0);
  EXPECT_TRUE(settings(R"("cohort": "auto")").cohort.automatic);
  EXPECT_FALSE(settings(R"("cohort": "off")").cohort.automatic);
  EXPECT_EQ(settings(R"("cohort": "off")").cohort.nodes, 0);
  EXPECT_EQ(settings(R"("cohort": 64)").cohort.nodes, 64);
  const std::string start =
      "run.json: /cohort: must be a number of nodes, at least 2, or \"off\" or \"auto\", got ";
  EXPECT_EQ(message(R"("cohort": 1)"), start + "1");
  EXPECT_EQ(message(R"("cohort": -1)"), start + "-1");
  EXPECT_EQ(message(R"("cohort": "on")"), start + "\"on\"");
}

TEST(TrainingSettings, SayHowCohortsConvolveWhereThereAreAny) {
  EXPECT_EQ(settings("").cohort_convolution, "grouped");
  EXPECT_EQ(settings(R"("cohort_convolution": "grouped")").cohort_convolution, "grouped");
  for (const char* const cohort : {"8", "\"auto\""}) {
    const std::string members = std::string(R"("cohort": )") + cohort;
    EXPECT_EQ(settings(members + R"(, "cohort_convolution": "im2col")").cohort_convolution,
              "im2col");
  }
  for (const char* const off : {R"("cohort_convolution": "im2col")",
                                R"("cohort": "off", "cohort_convolution": "im2col")"}) {
    EXPECT_EQ(message(off),
              "run.json: /cohort_convolution: is \"im2col\", but there are no cohorts; give "
              "\"cohort\" a number, or leave this out");
  }
}

TEST(TrainingSettings, TakeStepsOrEpochsButNotBoth) {
  EXPECT_EQ(settings(R"("local_steps": 0)").local_steps, 0);
  EXPECT_EQ(settings(R"("local_epochs": 2)").local_epochs, 2);
  EXPECT_EQ(message(R"("local_steps": 1, "local_epochs": 1)"),
            "run.json: /local_epochs: stands beside \"local_steps\"; give one of them");
}

TEST(TrainingSettings, KnowTheirWords) {
  EXPECT_EQ(settings("").loss, std::nullopt);
  EXPECT_EQ(settings(R"("loss": "mse")").loss, "mse");
  EXPECT_EQ(
      message(R"("loss": "msee")"),
      "run.json: /loss: unknown value \"msee\"; did you mean \"mse\"? Known: cross_entropy, mse");
  EXPECT_EQ(settings("").sampling, "epoch");
  EXPECT_EQ(settings(R"("sampling": "round")").sampling, "round");
  EXPECT_EQ(settings("").precision, "fp32");
  EXPECT_EQ(settings(R"("precision": "bf16")").precision, "bf16");
}

TEST(TrainingSettings, HoldASchedule) {
  EXPECT_EQ(settings("").schedule.type(), "constant");
  EXPECT_EQ(settings(R"("schedule": {"type": "cosine", "steps": 10})").schedule.type(), "cosine");
}

TEST(TrainingSettings, ReadTheirOwnResolvedForm) {
  const std::string json =
      R"({"type": "adam", "lr": 0.1, "batch_size": "full", "local_epochs": 2, "loss": "mse",
         "cohort": 8, "cohort_convolution": "im2col", "precision": "bf16"})";
  const auto& registry = Optimizer::registry();
  const std::string resolved = registry.read(Config::parse(json, "run.json")).json();
  EXPECT_EQ(registry.read(Config::parse(resolved, "resolved")).json(), resolved);
}

}  // namespace
}  // namespace kith
