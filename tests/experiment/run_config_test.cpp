#include "experiment/run_config.h"

#include <gtest/gtest.h>

#include "experiment/experiment.h"

namespace kith {
namespace {

std::string config_with(const std::string& training, const std::string& more = "") {
  return R"({"nodes": 4, "rounds": 1, "graph": "ring", "model": {"type": "vector", "size": 3},
             "training": )" +
         training + more + "}";
}

RunConfig read(const std::string& training) {
  return RunConfig::read(Config::parse(config_with(training), "run.json"));
}

template <class Read>
std::string message(Read read) {
  try {
    read();
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(RunConfig, SaysWhatAnAutomaticCohortIs) {
  const std::string off = R"({"type": "sgd", "local_steps": 0, "cohort": "off"})";
  const std::string expected = read(off).json();
  EXPECT_NE(expected.find(R"("cohort":"off")"), std::string::npos) << expected;
  EXPECT_EQ(read(R"({"type": "sgd", "local_steps": 0, "cohort": "auto"})").json(), expected);
  EXPECT_EQ(read(R"({"type": "sgd", "local_steps": 0})").json(), expected);
  EXPECT_EQ(read(R"({"type": "sgd", "local_steps": 0})").training.common().cohort.nodes, 0);
  // And where that is none, that nothing is convolved in one.
  EXPECT_EQ(read(R"({"type": "sgd", "local_steps": 0, "cohort": "auto",
                     "cohort_convolution": "im2col"})")
                .json(),
            expected);
}

// A table without a task: what a config leaves open must not be read a second time.
TEST(RunConfig, KeepsWhatIsDecidedLater) {
  const Config config = Config::parse(
      R"({"name": "table", "nodes": 4, "rounds": 1, "graph": "ring", "model": "linear",
          "dataset": {"type": "csv", "path": "nothing.csv", "target": "y", "partition": "iid"},
          "training": {"type": "sgd", "lr": 0.1, "batch_size": 4}})",
      "run.json");
  EXPECT_EQ(RunConfig::read(config).rounds, 1);
}

TEST(RunConfig, RefusesTf32OnACpu) {
  EXPECT_EQ(message([] { read(R"({"type": "sgd", "local_steps": 0, "precision": "tf32"})"); }),
            "run.json: /training/precision: \"tf32\" is arithmetic of GPUs; on the device \"cpu\" "
            "there are \"fp32\" and \"bf16\"");
}

TEST(RunConfig, RefusesCohortsAndBfloat16OfAModelWithoutANetwork) {
  const auto make = [](const std::string& training) {
    return message([&] { Experiment(read(training), 1); });
  };
  EXPECT_EQ(make(R"({"type": "sgd", "local_steps": 0, "cohort": 4})"),
            "/training/cohort: the model \"vector\" cannot be trained in cohorts: only networks "
            "can; set cohort to \"off\"");
  EXPECT_EQ(make(R"({"type": "sgd", "local_steps": 0, "precision": "bf16"})"),
            "/training/precision: is \"bf16\", but the model \"vector\" computes in float64 and "
            "float32 alone");
}

}  // namespace
}  // namespace kith
