#include <optional>

#include "core/text.h"
#include "dataset/dataset.h"
#include "dataset/input_file.h"
#include "dataset/normalize.h"

namespace kith {
namespace {

constexpr std::size_t kPixels = 3 * 32 * 32;
constexpr std::size_t kRecord = 1 + kPixels;  // a label, then the red, green and blue planes
constexpr std::uint8_t kClasses = 10;

/// The binary version of CIFAR-10, records of 3,073 bytes.
class Cifar10 final : public Dataset {
 public:
  struct Params {
    std::optional<Path> path;
    std::vector<Path> train, test;
    Normalize normalize;

    void fields(Fields& f) {
      f.optional("path", path, "folder with data_batch_1.bin to data_batch_5.bin, test_batch.bin");
      f.optional("train", train, "instead of path: the files to train on");
      f.optional("test", test, "instead of path: the files to test on");
      f.optional("normalize", normalize, "pixels / 255 become (pixel - mean) / std");
      f.check(path || !train.empty(), "path",
              "is missing: say which files to read, by it or by train and test");
      f.check(!path || (train.empty() && test.empty()), "path",
              "train and test say which files to read already; remove one of them");
      f.check(normalize.fits(3), "normalize", "mean and std must be lists of three numbers");
    }
  };

  explicit Cifar10(Params params) : params_(std::move(params)) {}

  Data load(const std::vector<std::string>&) const override {
    std::vector<Path> train = params_.train, test = params_.test;
    if (params_.path) {
      for (const char batch : {'1', '2', '3', '4', '5'}) {
        train.push_back({params_.path->value / (std::string("data_batch_") + batch + ".bin")});
      }
      test.push_back({params_.path->value / "test_batch.bin"});
    }
    Data data;
    data.task = Objective::kClassification;
    data.classes = kClasses;
    data.train = read(train);
    data.test = read(test);
    return data;
  }

 private:
  Samples read(const std::vector<Path>& paths) const {
    std::vector<std::uint8_t> pixels;
    std::vector<std::int64_t> labels;
    for (const Path& path : paths) append(path, pixels, labels);
    Samples samples({3, 32, 32}, std::move(pixels), params_.normalize.mean, params_.normalize.std);
    samples.labels = std::move(labels);
    return samples;
  }

  static void append(const Path& path, std::vector<std::uint8_t>& pixels,
                     std::vector<std::int64_t>& labels) {
    InputFile file(path.value);
    const std::vector<std::uint8_t> bytes = file.read_all();
    if (bytes.empty() || bytes.size() % kRecord != 0) {
      file.fail("expected whole records of " + std::to_string(kRecord) +
                " bytes, the binary version of CIFAR-10, but it has " +
                count_of(bytes.size(), "byte"));
    }
    for (std::size_t at = 0; at < bytes.size(); at += kRecord) {
      const std::uint8_t label = bytes[at];
      if (label >= kClasses) {
        file.fail("record " + std::to_string(at / kRecord) + " has the label " +
                  std::to_string(label) +
                  ", expected 0 to 9; is it the binary version of CIFAR-10?");
      }
      labels.push_back(label);
      const auto first = bytes.begin() + static_cast<std::ptrdiff_t>(at + 1);
      pixels.insert(pixels.end(), first, first + kPixels);
    }
  }

  Params params_;
};

const Register<Dataset, Cifar10> registered{"cifar10", "CIFAR-10 in its binary version"};

}  // namespace
}  // namespace kith
