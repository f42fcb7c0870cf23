#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "dataset/bundled.h"
#include "dataset/fixtures.h"

namespace kith {
namespace {

using ::testing::ElementsAre;

/// Points the program to another folder of data while a test runs.
class Digits : public WithDataFiles {
 protected:
  void TearDown() override {
    unsetenv("KITH_DATA");
    WithDataFiles::TearDown();
  }
};

TEST_F(Digits, LastThreeHundredSixtyRowsAreTheTestSet) {
  const Data data = load(R"("digits")");
  EXPECT_EQ(data.task, Objective::kClassification);
  EXPECT_EQ(data.classes, 10);
  EXPECT_EQ(data.train.size(), 1437u);
  EXPECT_EQ(data.test.size(), 360u);
  EXPECT_THAT(data.train.shape(), ElementsAre(1, 8, 8));
  EXPECT_THAT(data.train.part(0, 10).labels, ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
  std::array<int, 10> counts{};
  for (const auto* samples : {&data.train, &data.test}) {
    for (const auto label : samples->labels) ++counts[static_cast<std::size_t>(label)];
  }
  EXPECT_THAT(counts, ElementsAre(178, 182, 177, 183, 181, 182, 181, 179, 174, 180));
}

TEST_F(Digits, PixelsAreSixteenths) {
  const auto features = features_of(load(R"("digits")").train);
  EXPECT_THAT(std::vector(features.begin(), features.begin() + 8),
              ElementsAre(0, 0, 5 / 16.0f, 13 / 16.0f, 9 / 16.0f, 1 / 16.0f, 0, 0));
  const auto [least, most] = std::ranges::minmax(features);
  EXPECT_EQ(least, 0);
  EXPECT_EQ(most, 1);
}

TEST_F(Digits, TheEnvironmentNamesAnotherFolder) {
  setenv("KITH_DATA", folder_.c_str(), 1);
  EXPECT_EQ(bundled_file("digits.csv.gz"), folder_ / "digits.csv.gz");
  EXPECT_EQ(message_here(R"("digits")"), "digits.csv.gz: no such file; is the path right?");
}

TEST_F(Digits, AnInstalledProgramFindsItsFilesBesideItself) {
  const auto prefix = std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path();
  const auto share = prefix / "share" / "kith";
  EXPECT_NE(bundled_file("probe.txt"), share / "probe.txt");
  std::filesystem::create_directories(share);
  std::ofstream(share / "probe.txt") << "here";
  EXPECT_EQ(bundled_file("probe.txt"), share / "probe.txt");
  std::filesystem::remove(share / "probe.txt");
  std::error_code not_empty;
  std::filesystem::remove(share, not_empty);
  std::filesystem::remove(share.parent_path(), not_empty);
}

TEST_F(Digits, SaysWhatIsWrongWithItsFile) {
  setenv("KITH_DATA", folder_.c_str(), 1);
  std::string pixels;
  for (int i = 0; i < 64; ++i) pixels += "0,";
  write("digits.csv.gz", pixels + "3\n" + pixels + "10\n");
  EXPECT_EQ(message_here(R"("digits")"),
            "digits.csv.gz: line 2: expected an integer from 0 to 9, got \"10\"");
  write("digits.csv.gz", "17," + pixels.substr(2) + "3\n");
  EXPECT_EQ(message_here(R"("digits")"),
            "digits.csv.gz: line 1: expected an integer from 0 to 16, got \"17\"");
  write("digits.csv.gz", "1,2,3\n");
  EXPECT_EQ(message_here(R"("digits")"),
            "digits.csv.gz: line 1: has 3 numbers, expected 64 pixels and a digit");
  write_gzip("digits.csv.gz", pixels + "3\n");
  EXPECT_EQ(message_here(R"("digits")"), "digits.csv.gz: has 1 row, expected 1797");
}

}  // namespace
}  // namespace kith
