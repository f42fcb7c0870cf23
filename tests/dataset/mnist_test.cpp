#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "core/text.h"
#include "dataset/fixtures.h"
#include "support/source_folder.h"

namespace kith {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

/// An IDX file: magic, extents, then bytes 0, 1, 2, …
std::string idx(const std::vector<std::uint32_t>& extents, std::size_t bytes) {
  std::string file{'\0', '\0', '\x08', static_cast<char>(extents.size())};
  for (const auto extent : extents) {
    for (const int shift : {24, 16, 8, 0}) file += static_cast<char>(extent >> shift);
  }
  for (std::size_t i = 0; i < bytes; ++i) file += static_cast<char>(i);
  return file;
}

class Mnist : public WithDataFiles {
 protected:
  void SetUp() override {
    WithDataFiles::SetUp();
    write("images", idx({10, 2, 3}, 60));
    write_gzip("labels", idx({10}, 10));
    write_gzip("test-images", idx({4, 2, 3}, 24));
    write("test-labels", idx({4}, 4));
  }

  std::string with(const std::string& options) {
    return R"({"type": "mnist", "images": "@/images", "labels": "@/labels", )" + options + "}";
  }
};

TEST_F(Mnist, ReadsImagesAndLabelsRawAndGzip) {
  const Data data =
      load_here(with(R"("test_images": "@/test-images", "test_labels": "@/test-labels")"));
  EXPECT_EQ(data.task, Objective::kClassification);
  EXPECT_EQ(data.classes, 10);
  EXPECT_THAT(data.train.shape(), ElementsAre(1, 2, 3));
  EXPECT_THAT(data.train.labels, ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
  EXPECT_THAT(data.test.labels, ElementsAre(0, 1, 2, 3));
  EXPECT_TRUE(data.validation.empty());
  const auto features = features_of(data.train);
  for (std::size_t i = 0; i < 60; ++i) EXPECT_EQ(features[i], static_cast<float>(i) / 255);
}

TEST_F(Mnist, TestsOnTheLastOfTheImagesAndTrainsOnTheFirst) {
  const Data data = load_here(with(R"("test_count": 3, "train_count": 5)"));
  EXPECT_THAT(data.test.labels, ElementsAre(7, 8, 9));
  EXPECT_THAT(data.train.labels, ElementsAre(0, 1, 2, 3, 4));
  EXPECT_EQ(features_of(data.test)[0], 42.0f / 255);
  EXPECT_EQ(data.classes, 10) << "the classes do not depend on how many train";
}

TEST_F(Mnist, NormalizesPixels) {
  const auto features = features_of(
      load_here(with(R"("test_count": 0, "normalize": {"mean": [0.1307], "std": [0.3081]})"))
          .train);
  for (std::size_t i = 0; i < 60; ++i) {
    EXPECT_EQ(features[i], (static_cast<float>(i) / 255 - 0.1307f) / 0.3081f);
  }
}

TEST_F(Mnist, WithoutTestOptionsThereIsNoTestSet) {
  const Data data = load_here(with(R"("train_count": 4)"));
  EXPECT_EQ(data.train.size(), 4u);
  EXPECT_TRUE(data.test.empty());
}

TEST_F(Mnist, SaysWhichOptionsGoTogether) {
  const auto message = [&](const std::string& options) {
    return message_here<ConfigError>(with(options));
  };
  EXPECT_EQ(message(R"("test_images": "a", "test_labels": "b", "test_count": 1)"),
            "run.json: /dataset/test_count: test_images says what to test on already; remove one "
            "of them");
  EXPECT_EQ(message(R"("test_images": "a")"),
            "run.json: /dataset/test_images: test_images and test_labels go together; give both");
  EXPECT_EQ(message(R"("test_labels": "a")"),
            "run.json: /dataset/test_labels: test_images and test_labels go together; give both");
  EXPECT_EQ(message(R"("test_count": 1, "normalize": {"mean": [1, 2, 3]})"),
            "run.json: /dataset/normalize: mean and std must be lists of one number");
  EXPECT_EQ(message(R"("test_count": 1, "normalize": {"std": [0]})"),
            "run.json: /dataset/normalize/std: must be above 0, got [0]");
  EXPECT_EQ(replaced(message(R"("test_count": 10)"), folder_.string() + '/', ""),
            "/dataset/test_count: 10 of the 10 images in images leave none to train on");
  EXPECT_EQ(message(R"("test_count": 4, "train_count": 7)"),
            "/dataset/train_count: must be at most 6, the training images there are, got 7");
}

TEST_F(Mnist, FilesThatDisagreeAreNamed) {
  write("labels", idx({9}, 9));
  EXPECT_EQ(message_here(with(R"("test_count": 1)")),
            "labels: has 9 labels for the 10 images in images");
  write("labels", idx({10}, 10));
  write("test-images", idx({4, 3, 2}, 24));
  EXPECT_EQ(message_here(with(R"("test_images": "@/test-images", "test_labels": "@/test-labels")")),
            "test-images: has images of 3 x 2, but those in images are 2 x 3");
}

struct BadFile {
  const char* name;
  std::string bytes;
  const char* message;
};

class MnistImages : public Mnist, public ::testing::WithParamInterface<BadFile> {};

TEST_P(MnistImages, ThatAreMalformedAreNamedWithWhatWasExpected) {
  write("images", GetParam().bytes);
  EXPECT_EQ(message_here(with(R"("test_count": 1)")), GetParam().message);
  write_gzip("images", GetParam().bytes);
  EXPECT_EQ(message_here(with(R"("test_count": 1)")), GetParam().message);
}

const BadFile kBadFiles[] = {
    {"Truncated", idx({60000, 28, 28}, 984),
     "images: truncated: its header promises 60000 images of 28 x 28 (47040016 bytes) but it has "
     "1000 bytes"},
    {"ShortByOne", idx({10, 2, 3}, 59),
     "images: truncated: its header promises 10 images of 2 x 3 (76 bytes) but it has 75 bytes"},
    {"TooLong", idx({10, 2, 3}, 61),
     "images: its header promises 10 images of 2 x 3 (76 bytes) but it has more; is it the right "
     "file?"},
    {"Huge", idx({0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF}, 10),
     "images: its header promises 4294967295 images of 4294967295 x 4294967295, more than a file "
     "can hold"},
    {"LargeButEmpty", idx({60000, 65535, 65535}, 0),
     "images: truncated: its header promises 60000 images of 65535 x 65535 (257690173500016 bytes) "
     "but it has 16 bytes"},
    {"NoImages", idx({0, 28, 28}, 0),
     "images: its header promises 0 images of 28 x 28, expected at least one of each"},
    {"Labels", idx({10}, 10),
     "images: is not an IDX file of images: it begins with 00 00 08 01, expected 00 00 08 03"},
    {"Text", "h", "images: is not an IDX file of images: it begins with 68, expected 00 00 08 03"},
    {"HalfAHeader", idx({10, 2}, 0).replace(3, 1, "\x03"),
     "images: truncated: the header of an IDX file of images has 16 bytes, but it has 12 bytes"},
    {"Empty", "",
     "images: truncated: the header of an IDX file of images has 16 bytes, but it has 0 bytes"},
};

INSTANTIATE_TEST_SUITE_P(Bad, MnistImages, ::testing::ValuesIn(kBadFiles),
                         [](const auto& info) { return info.param.name; });

TEST_F(Mnist, GzipThatBreaksOffIsTruncated) {
  const auto file = write_gzip("images", idx({10, 2, 3}, 60));
  std::filesystem::resize_file(file, std::filesystem::file_size(file) - 4);
  EXPECT_EQ(message_here(with(R"("test_count": 1)")),
            "images: truncated: its gzip data breaks off; fetch the file again");
}

TEST_F(Mnist, AFileThatGoesOnForeverIsReadNoFurtherThanItPromises) {
  // 10 images, then 20 MB of zeros in 20 KB.
  write_gzip("images", idx({10, 2, 3}, 60) + std::string(20'000'000, '\0'));
  EXPECT_EQ(message_here(with(R"("test_count": 1)")),
            "images: its header promises 10 images of 2 x 3 (76 bytes) but it has more; is it the "
            "right file?");
}

TEST(RealMnist, HasItsKnownShapeAndFirstLabels) {
  const std::filesystem::path folder = source_folder() / "../shared/data/mnist";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "NOT CHECKED: " << folder << " is absent";
  const auto path = [&](const char* name) { return json_string((folder / name).string()); };
  const Data data =
      load(R"({"type": "mnist", "images": )" + path("t10k-images-idx3-ubyte.gz") +
           R"(, "labels": )" + path("t10k-labels-idx1-ubyte.gz") + R"(, "test_count": 1000})");
  EXPECT_EQ(data.classes, 10);
  EXPECT_EQ(data.train.size(), 9000u);
  EXPECT_EQ(data.test.size(), 1000u);
  EXPECT_THAT(data.train.shape(), ElementsAre(1, 28, 28));
  EXPECT_THAT(data.train.part(0, 10).labels, ElementsAreArray({7, 2, 1, 0, 4, 1, 4, 9, 5, 9}));
  std::array<int, 10> counts{};
  for (const auto* samples : {&data.train, &data.test}) {
    for (const auto label : samples->labels) ++counts[static_cast<std::size_t>(label)];
  }
  EXPECT_THAT(counts, ElementsAre(980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009));
}

}  // namespace
}  // namespace kith
