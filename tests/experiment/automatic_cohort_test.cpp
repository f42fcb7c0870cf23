#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "experiment/experiment.h"
#include "kernels/device/device_under_test.h"

namespace kith {
namespace {

constexpr std::uint64_t kParameters = 1000;
constexpr std::uint64_t kFirst = 1'000'000, kMore = 20'000;  // bytes of a cohort's nodes

/// Has cohorts that take so much memory, and nothing else.
class Roomy final : public Model {
 public:
  struct Params {
    std::int64_t bytes = 0;
    std::int64_t most = 1000;
    bool has_cohorts = true;

    void fields(Fields& f) {
      f.required("bytes", bytes, "of the device", Range{.at_least = 0});
      f.optional("most", most, "places for which there is memory", Range{.at_least = 0});
      f.optional("has_cohorts", has_cohorts, "whether it can be trained in cohorts");
    }
  };

  Roomy(const Params& params, const Context&) : params_(params) { layout_.add("x", {kParameters}); }

  const ParameterLayout& layout() const override { return layout_; }
  bool on_device() const override { return true; }
  void initialize(std::uint64_t, std::uint32_t, ArrayView) const override {}
  Gradient gradient(ConstArrayView, Uid, std::span<const std::uint32_t>) override { return {}; }
  std::optional<std::uint64_t> measure_cohort(std::size_t places, std::size_t) override {
    if (static_cast<std::int64_t>(places) > params_.most) return std::nullopt;
    return kFirst + (places - 1) * kMore;
  }
  std::uint64_t device_bytes() const override { return static_cast<std::uint64_t>(params_.bytes); }
  std::string no_cohorts() const override { return params_.has_cohorts ? "" : "it has none"; }
  Score score(ConstArrayView, const Samples&, std::span<const std::uint32_t>) override {
    return {};
  }

 private:
  Params params_;
  ParameterLayout layout_;
};

const Register<Model, Roomy> registered{"roomy_in_a_test", "for a test"};

/// What cohorts of 100 nodes are found to be, in a run on devices of so many bytes each.
std::string cohort(std::uint64_t bytes, const std::string& more = "",
                   const std::vector<Device>& devices = {kernels::device_under_test().device}) {
  const std::string text =
      R"({"name": "roomy", "nodes": 100, "rounds": 1, "graph": "ring", "device": "cuda",
          "model": {"type": "roomy_in_a_test", "bytes": )" +
      std::to_string(bytes) + more + R"(},
          "training": {"type": "sgd", "lr": 0.1, "local_steps": 0, "cohort": "auto",
                       "cohort_convolution": "im2col"}})";
  const Experiment experiment(RunConfig::read(Config::parse(text, "run.json")), 1,
                              Seat{.devices = devices});
  const CohortSize& found = experiment.config().training.common().cohort;
  EXPECT_FALSE(found.automatic);
  const Config written = Config::parse(experiment.config().json(), "config.json");
  const Config cohort = written.at("training").at("cohort");
  EXPECT_EQ(written.at("training").at("cohort_convolution").to_string(),
            found.nodes > 0 ? "im2col" : "grouped");
  EXPECT_EQ(cohort.is_string() ? 0 : cohort.to_integer(), found.nodes);
  return cohort.dump();
}

// x, what was published of it, and one more for those who are slow: 4 bytes each.
constexpr std::uint64_t kVectors = 100 * 3 * kParameters * 4;

std::uint64_t room_for(std::uint64_t places) {
  return kVectors + (kFirst + (places - 1) * kMore) * 5 / 4 + 5;
}

TEST(AutomaticCohort, IsThePowerOfTwoThatFitsBesideTheNodesVectors) {
  EXPECT_EQ(cohort(room_for(8)), "8");
  EXPECT_EQ(cohort(room_for(8) - 100), "4");
  EXPECT_EQ(cohort(room_for(15)), "8");
  EXPECT_EQ(cohort(room_for(16)), "16");
  EXPECT_EQ(cohort(room_for(2)), "2");
}

TEST(AutomaticCohort, HasNoMorePlacesThanNodesNeed) { EXPECT_EQ(cohort(1 << 30), "128"); }

TEST(AutomaticCohort, HasWorkForEachOfSeveralCards) {
  const Device card = kernels::device_under_test().device;
  const std::vector<Device> two{card, {card.kind, card.index + 1}};
  EXPECT_EQ(cohort(1 << 30, "", two), "32");  // 0–63 and 64–99
  // In cohorts of 8, the first 56 nodes live on one card; in cohorts of 4, the first 52.
  const std::uint64_t on_other = kVectors * 44 / 100;
  EXPECT_EQ(cohort(room_for(8) - on_other, "", two), "8");
  EXPECT_EQ(cohort(room_for(8) - on_other - 100, "", two), "4");
  const std::vector<Device> three{card, {card.kind, card.index + 1}, {card.kind, card.index + 2}};
  EXPECT_EQ(cohort(1 << 30, "", three), "32");
  EXPECT_EQ(cohort(1 << 30, "", std::vector<Device>(51, card)), "\"off\"");
}

TEST(AutomaticCohort, IsOffWhereNothingFits) {
  EXPECT_EQ(cohort(room_for(1)), "\"off\"");
  EXPECT_EQ(cohort(kVectors), "\"off\"");
  EXPECT_EQ(cohort(0), "\"off\"");
}

TEST(AutomaticCohort, IsOffWhereTryingTwoPlacesTakesAllMemory) {
  EXPECT_EQ(cohort(1 << 30, R"(, "most": 1)"), "\"off\"");
  EXPECT_EQ(cohort(1 << 30, R"(, "most": 0)"), "\"off\"");
}

TEST(AutomaticCohort, IsOffWhereTheModelHasNone) {
  EXPECT_EQ(cohort(1 << 30, R"(, "has_cohorts": false)"), "\"off\"");
}

}  // namespace
}  // namespace kith
