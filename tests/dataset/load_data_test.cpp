#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "dataset/fixtures.h"

namespace kith {
namespace {

/// A table of 100 rows with one feature: the number of the row.
class LoadData : public WithDataFiles {
 protected:
  void SetUp() override {
    WithDataFiles::SetUp();
    std::string text = "x,y\n";
    for (int i = 0; i < 100; ++i) text += std::to_string(i) + ',' + std::to_string(i % 3) + '\n';
    write("t.csv", text);
  }

  Blueprint<Dataset> with_validation(const std::string& fraction) {
    return dataset_of(R"({"type": "csv", "path": ")" + (folder_ / "t.csv").string() +
                      R"(", "target": "y", "task": "classification", "test_fraction": 0.2,
                           "validation_fraction": )" +
                      fraction + "}");
  }
};

TEST_F(LoadData, SplitsValidationOffAtRandomAndKeepsTheOrder) {
  const Data data = load_data(with_validation("0.25"), 4, 1);
  EXPECT_EQ(data.validation.size(), 20u);
  EXPECT_EQ(data.train.size(), 60u);
  EXPECT_EQ(data.test.size(), 20u);
  std::vector<float> rows = features_of(data.train), validation = features_of(data.validation);
  EXPECT_TRUE(std::ranges::is_sorted(rows));
  EXPECT_TRUE(std::ranges::is_sorted(validation));
  EXPECT_NE(validation.back() - validation.front(), 19) << "not a run of rows";
  rows.insert(rows.end(), validation.begin(), validation.end());
  std::ranges::sort(rows);
  std::vector<float> expected(80);
  std::iota(expected.begin(), expected.end(), 0.0f);
  EXPECT_EQ(rows, expected);
  for (std::size_t i = 0; i < 20; ++i) {
    EXPECT_EQ(data.validation.labels[i], static_cast<int>(validation[i]) % 3);
  }
}

TEST_F(LoadData, TheSplitIsAFunctionOfTheSeedAlone) {
  const auto validation = [&](std::int64_t nodes, std::uint64_t seed) {
    return features_of(load_data(with_validation("0.25"), nodes, seed).validation);
  };
  EXPECT_EQ(validation(4, 1), validation(9, 1));
  EXPECT_NE(validation(4, 1), validation(4, 2));
}

TEST_F(LoadData, WithoutAValidationFractionAllTrain) {
  const Data data = load_data(with_validation("0"), 4, 1);
  EXPECT_EQ(data.train.size(), 80u);
  EXPECT_TRUE(data.validation.empty());
}

TEST_F(LoadData, AFractionThatLeavesNothingIsRefused) {
  const auto message = [&](const std::string& fraction) {
    return message_of<ConfigError>([&] { load_data(with_validation(fraction), 4, 1); });
  };
  EXPECT_EQ(message("0.001"),
            "/dataset/validation_fraction: 0.001 of 80 training samples leaves none for "
            "validation");
  EXPECT_EQ(message("0.999"),
            "/dataset/validation_fraction: 0.999 of 80 training samples leaves none for training");
}

TEST(NoData, HasNothingToPredict) {
  const auto dataset = dataset_of(R"("none")");
  const Data data = load_data(dataset, 4, 1);
  EXPECT_EQ(data.task, Objective::kNone);
  EXPECT_TRUE(data.train.empty() && data.validation.empty() && data.test.empty());
  EXPECT_EQ(deal_samples(dataset.common().partition, data.train, 4, 1).size(), 4u);
}

TEST(Dataset, SpellsOutItsDefaults) {
  EXPECT_EQ(dataset_of(R"("digits")").json(),
            R"({"type":"digits","partition":{"type":"iid"},"validation_fraction":0})");
}

}  // namespace
}  // namespace kith
