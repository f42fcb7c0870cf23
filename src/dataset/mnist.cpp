#include <algorithm>
#include <optional>

#include "core/error.h"
#include "core/text.h"
#include "dataset/dataset.h"
#include "dataset/idx.h"
#include "dataset/normalize.h"

namespace kith {
namespace {

/// Any data set in MNIST's files (IDX): MNIST, Fashion-MNIST, KMNIST, EMNIST. The classes are
/// 0..largest label of all files read.
class Mnist final : public Dataset {
 public:
  struct Params {
    Path images, labels;
    std::optional<Path> test_images, test_labels;
    std::optional<std::int64_t> test_count, train_count;
    Normalize normalize;

    void fields(Fields& f) {
      f.required("images", images, "IDX file of images, raw or gzip");
      f.required("labels", labels, "IDX file of their labels, raw or gzip");
      f.optional("test_images", test_images, "IDX file of the test images");
      f.optional("test_labels", test_labels, "IDX file of their labels");
      f.optional("test_count", test_count,
                 "without test_images: the last so many of images are the test set",
                 Range{.at_least = 0});
      f.optional("train_count", train_count, "train on the first so many only",
                 Range{.at_least = 1});
      f.optional("normalize", normalize, "pixels / 255 become (pixel - mean) / std");
      f.check(test_images.has_value() == test_labels.has_value(),
              test_images ? "test_images" : "test_labels",
              "test_images and test_labels go together; give both");
      f.check(!test_images || !test_count, "test_count",
              "test_images says what to test on already; remove one of them");
      f.check(normalize.fits(1), "normalize", "mean and std must be lists of one number");
    }
  };

  explicit Mnist(Params params) : params_(std::move(params)) {}

  Data load(const std::vector<std::string>&) const override {
    Data data;
    data.task = Objective::kClassification;
    data.train = read(params_.images, params_.labels);
    if (params_.test_images) {
      data.test = read(*params_.test_images, *params_.test_labels);
      check_same_shape(data);
    }
    for (const Samples* samples : {&data.train, &data.test}) {
      for (const std::int64_t label : samples->labels) {
        data.classes = std::max(data.classes, label + 1);
      }
    }
    if (params_.test_count) split_off_test(data);
    if (params_.train_count) cut_train(data);
    return data;
  }

 private:
  Samples read(const Path& images_path, const Path& labels_path) const {
    Idx images = read_idx(images_path.value, 3, "images");
    const Idx labels = read_idx(labels_path.value, 1, "labels");
    if (labels.extents[0] != images.extents[0]) {
      throw InputError(labels_path.value.string() + ": has " +
                       count_of(labels.extents[0], "label") + " for the " +
                       count_of(images.extents[0], "image") + " in " + images_path.value.string());
    }
    Samples samples({1, images.extents[1], images.extents[2]}, std::move(images.bytes),
                    params_.normalize.mean, params_.normalize.std);
    samples.labels.assign(labels.bytes.begin(), labels.bytes.end());
    return samples;
  }

  void check_same_shape(const Data& data) const {
    const auto& train = data.train.shape();
    const auto& test = data.test.shape();
    if (train == test) return;
    throw InputError(params_.test_images->value.string() + ": has images of " +
                     std::to_string(test[1]) + " x " + std::to_string(test[2]) + ", but those in " +
                     params_.images.value.string() + " are " + std::to_string(train[1]) + " x " +
                     std::to_string(train[2]));
  }

  void split_off_test(Data& data) const {
    const auto count = static_cast<std::size_t>(*params_.test_count);
    if (count >= data.train.size()) {
      throw ConfigError("/dataset/test_count: " + std::to_string(count) + " of the " +
                        count_of(data.train.size(), "image") + " in " +
                        params_.images.value.string() + " leave none to train on");
    }
    data.test = data.train.part(data.train.size() - count, count);
    data.train = data.train.part(0, data.train.size() - count);
  }

  void cut_train(Data& data) const {
    const auto count = static_cast<std::size_t>(*params_.train_count);
    if (count > data.train.size()) {
      throw ConfigError("/dataset/train_count: must be at most " +
                        std::to_string(data.train.size()) +
                        ", the training images there are, got " + std::to_string(count));
    }
    data.train = data.train.part(0, count);
  }

  Params params_;
};

const Register<Dataset, Mnist> registered{"mnist", "images and labels in IDX files, as MNIST's"};

}  // namespace
}  // namespace kith
