#include "core/text.h"
#include "dataset/bundled.h"
#include "dataset/csv_reader.h"
#include "dataset/dataset.h"

namespace kith {
namespace {

constexpr std::size_t kRows = 1797;
constexpr std::size_t kTestRows = 360;
constexpr std::size_t kPixels = 64;
constexpr int kDarkest = 16;
constexpr int kClasses = 10;

/// The handwritten digits that come with the program (data/README.md): rows of 64 pixels 0..16 and
/// the digit. Pixels become pixel / 16; the last 360 rows are the test set.
class Digits final : public Dataset {
 public:
  using Params = NoParams;

  explicit Digits(Params) {}

  Data load(const std::vector<std::string>&) const override {
    const Samples all = read();
    Data data;
    data.task = Objective::kClassification;
    data.classes = kClasses;
    data.train = all.part(0, kRows - kTestRows);
    data.test = all.part(kRows - kTestRows, kTestRows);
    return data;
  }

 private:
  static Samples read() {
    CsvReader reader(bundled_file("digits.csv.gz"));
    std::vector<float> features;
    std::vector<std::int64_t> labels;
    features.reserve(kRows * kPixels);
    for (std::vector<std::string> row; reader.next(row);) {
      if (row.size() != kPixels + 1) {
        reader.fail("has " + count_of(row.size(), "number") + ", expected 64 pixels and a digit");
      }
      for (std::size_t i = 0; i < kPixels; ++i) {
        features.push_back(static_cast<float>(number(reader, row[i], kDarkest)) / kDarkest);
      }
      labels.push_back(number(reader, row[kPixels], kClasses - 1));
    }
    if (labels.size() != kRows) {
      reader.file().fail("has " + count_of(labels.size(), "row") + ", expected " +
                         std::to_string(kRows));
    }
    Samples samples({1, 8, 8}, std::move(features));
    samples.labels = std::move(labels);
    return samples;
  }

  static int number(const CsvReader& reader, const std::string& field, int most) {
    const auto value = parse_number(field);
    if (!value || *value < 0 || *value > most || *value != static_cast<int>(*value)) {
      reader.fail("expected an integer from 0 to " + std::to_string(most) + ", got " +
                  quoted_field(field));
    }
    return static_cast<int>(*value);
  }
};

const Register<Dataset, Digits> registered{"digits", "1,797 handwritten digits of 8 x 8, bundled"};

}  // namespace
}  // namespace kith
