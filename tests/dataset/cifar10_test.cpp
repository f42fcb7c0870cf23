#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/text.h"
#include "dataset/fixtures.h"
#include "support/source_folder.h"

namespace kith {
namespace {

using ::testing::ElementsAre;

/// A record whose red, green and blue planes are each of one value.
std::string record(char label, char red, char green, char blue) {
  return std::string(1, label) + std::string(1024, red) + std::string(1024, green) +
         std::string(1024, blue);
}

class Cifar10 : public WithDataFiles {};

TEST_F(Cifar10, ReadsTheFilesOfAFolderInOrder) {
  for (const char batch : {'1', '2', '3', '4', '5'}) {
    write(std::string("data_batch_") + batch + ".bin",
          record(static_cast<char>(batch - '0'), 1, 2, 3));
  }
  write("test_batch.bin", record(9, 1, 2, 3) + record(0, 1, 2, 3));
  const Data data = load_here(R"({"type": "cifar10", "path": "@"})");
  EXPECT_EQ(data.task, Objective::kClassification);
  EXPECT_EQ(data.classes, 10);
  EXPECT_THAT(data.train.shape(), ElementsAre(3, 32, 32));
  EXPECT_THAT(data.train.labels, ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(data.test.labels, ElementsAre(9, 0));
}

TEST_F(Cifar10, NormalizesEveryChannelByItsOwn) {
  write("train.bin", record(1, 0, 51, 102));
  write_gzip("test.bin.gz", record(2, 51, 51, 51));
  const Data data = load_here(R"({"type": "cifar10", "train": ["@/train.bin"],
    "test": ["@/test.bin.gz", "@/train.bin"],
    "normalize": {"mean": [0.25, 0.5, 0.75], "std": [1, 2, 4]}})");
  const auto features = features_of(data.test);
  ASSERT_EQ(features.size(), 2u * 3072);
  EXPECT_EQ(features[0], 0.2f - 0.25f);
  EXPECT_EQ(features[1024], (0.2f - 0.5f) / 2);
  EXPECT_EQ(features[3071], (0.2f - 0.75f) / 4);
  EXPECT_EQ(features[3072], -0.25f);
  EXPECT_EQ(features[3072 + 2048], (0.4f - 0.75f) / 4);
}

TEST_F(Cifar10, SaysWhatIsWrongWithAFile) {
  const std::string json = R"({"type": "cifar10", "train": ["@/train.bin"], "test": ["@/t.bin"]})";
  write("t.bin", record(1, 0, 0, 0));
  EXPECT_EQ(message_here(json), "train.bin: no such file; is the path right?");
  write("train.bin", record(1, 0, 0, 0) + "x");
  EXPECT_EQ(message_here(json),
            "train.bin: expected whole records of 3073 bytes, the binary version of CIFAR-10, but "
            "it has 3074 bytes");
  write("train.bin", "");
  EXPECT_EQ(message_here(json),
            "train.bin: expected whole records of 3073 bytes, the binary version of CIFAR-10, but "
            "it has 0 bytes");
  write("train.bin", record(1, 0, 0, 0) + record(10, 0, 0, 0));
  EXPECT_EQ(message_here(json),
            "train.bin: record 1 has the label 10, expected 0 to 9; is it the binary version of "
            "CIFAR-10?");
}

TEST_F(Cifar10, SaysWhichOptionsGoTogether) {
  const std::string missing =
      "run.json: /dataset: \"path\" is missing: say which files to read, by it or by train and "
      "test";
  EXPECT_EQ(message_here<ConfigError>(R"("cifar10")"), missing);
  EXPECT_EQ(message_here<ConfigError>(R"({"type": "cifar10", "test": ["a"]})"), missing);
  EXPECT_EQ(message_here<ConfigError>(R"({"type": "cifar10", "path": "@", "test": ["a"]})"),
            "run.json: /dataset/path: train and test say which files to read already; remove one "
            "of them");
  EXPECT_EQ(
      message_here<ConfigError>(R"({"type": "cifar10", "path": "@", "normalize": {"std": [1]}})"),
      "run.json: /dataset/normalize: mean and std must be lists of three numbers");
}

TEST(RealCifar10, IsReadWhole) {
  const std::filesystem::path folder = source_folder() / "../shared/data/cifar10";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "NOT CHECKED: " << folder << " is absent";
  const std::string test = json_string((folder / "test_batch.bin").string());
  const Data data =
      load(R"({"type": "cifar10", "train": [)" + test + R"(], "test": [)" + test + "]}");
  EXPECT_EQ(data.train.size(), 1000u);
  EXPECT_EQ(data.train.labels[0], 3);  // the cat that comes first
  double sum = 0;
  for (const float x : features_of(data.train)) sum += x;
  EXPECT_NEAR(sum / (1000 * 3072), 0.473, 0.01) << "the mean of all of CIFAR-10";
}

}  // namespace
}  // namespace kith
