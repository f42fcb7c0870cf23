#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <numeric>
#include <optional>

#include "core/error.h"
#include "core/text.h"
#include "dataset/csv_table.h"
#include "dataset/dataset.h"

namespace kith {
namespace {

/// Different texts, numbered in the order of their first appearance.
class Numbering {
 public:
  std::uint32_t of(const std::string& text) {
    const auto [at, is_new] = numbers_.emplace(text, static_cast<std::uint32_t>(texts_.size()));
    if (is_new) texts_.push_back(text);
    return at->second;
  }

  const std::vector<std::string>& texts() const { return texts_; }

 private:
  std::map<std::string, std::uint32_t> numbers_;
  std::vector<std::string> texts_;
};

/// The class of every text: its rank, among numbers if all are numbers, else among texts.
std::vector<std::int64_t> ranks(const std::vector<std::string>& texts, std::int64_t& classes) {
  const bool numeric =
      std::ranges::all_of(texts, [](auto& t) { return parse_number(t).has_value(); });
  const auto key = [&](std::size_t i) {
    return numeric ? std::pair(*parse_number(texts[i]), std::string()) : std::pair(0.0, texts[i]);
  };
  std::vector<std::size_t> order(texts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, key);
  std::vector<std::int64_t> ranks(texts.size());
  classes = 0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    if (k == 0 || key(order[k]) != key(order[k - 1])) ++classes;  // "1" and "1.0" are one class
    ranks[order[k]] = classes - 1;
  }
  return ranks;
}

/// Samples from the rows of a comma-separated table: the features are numbers, the target is a
/// class or a number. Classes are numbered in the order of their numbers, or of their texts where
/// not all are numbers, over the training and the test rows.
class Csv final : public Dataset {
 public:
  struct Params {
    Path path;
    std::string target;
    std::vector<std::string> features;
    std::string task;
    std::optional<Path> test_path;
    double test_fraction = 0;

    void fields(Fields& f) {
      f.required("path", path, "a comma-separated table with a header line, raw or gzip");
      f.required("target", target, "the column to predict");
      f.optional("features", features, "the columns to predict from; all others when empty");
      f.optional("task", task, "what the target is; always to be given",
                 Choices{{"classification", "regression"}});
      f.optional("test_path", test_path, "the table to test on, with the same columns");
      f.optional("test_fraction", test_fraction,
                 "without test_path: the part of the rows, the last ones, kept for testing",
                 Range{.at_least = 0, .below = 1});
      f.check(!test_path || test_fraction == 0, "test_fraction",
              "test_path says what to test on already; remove one of them");
      f.check(std::ranges::find(features, target) == features.end(), "features",
              "must not hold the target");
    }
  };

  explicit Csv(Params params) : params_(std::move(params)) {}

  Data load(const std::vector<std::string>& columns) const override {
    CsvTable table(params_.path.value);  // whoever names a wrong file hears of that first
    if (params_.task.empty()) {
      throw ConfigError("/dataset/task: is missing; say \"classification\" or \"regression\"");
    }
    const std::vector<std::string> features = features_in(table);
    Numbering targets;
    Data data;
    data.task = classifies() ? Objective::kClassification : Objective::kRegression;
    data.train = read(table, features, columns, targets);
    if (params_.test_path) {
      CsvTable test_table(params_.test_path->value);
      data.test = read(test_table, features, {}, targets);
    } else {
      split_off_test(data);
    }
    if (classifies()) {
      const std::vector<std::int64_t> rank = ranks(targets.texts(), data.classes);
      for (Samples* samples : {&data.train, &data.test}) {
        for (auto& label : samples->labels) label = rank[static_cast<std::size_t>(label)];
      }
    } else {
      data.outputs = 1;
    }
    return data;
  }

 private:
  bool classifies() const { return params_.task == "classification"; }

  std::vector<std::string> features_in(const CsvTable& table) const {
    if (!params_.features.empty()) return params_.features;
    std::vector<std::string> features;
    std::ranges::remove_copy(table.columns(), std::back_inserter(features), params_.target);
    if (features.empty()) table.fail("has no column besides the target");
    return features;
  }

  /// Reads all rows. Labels are numbers of `targets`.
  Samples read(CsvTable& table, const std::vector<std::string>& features,
               const std::vector<std::string>& columns, Numbering& targets) const {
    const std::size_t target = table.positions({params_.target})[0];
    const std::vector<std::size_t> feature_at = table.positions(features);
    const std::vector<std::size_t> column_at = table.positions(columns);
    std::vector<Numbering> numberings(columns.size());
    std::vector<float> numbers;
    Samples notes;  // what is known of the samples besides their features
    while (table.next()) {
      for (const std::size_t at : feature_at) numbers.push_back(table.number(at));
      if (classifies()) {
        notes.labels.push_back(targets.of(table.text(target)));
      } else {
        notes.targets.push_back(table.number(target));
      }
      for (std::size_t k = 0; k < columns.size(); ++k) {
        notes.columns[columns[k]].push_back(numberings[k].of(table.text(column_at[k])));
      }
    }
    if (numbers.empty()) table.fail("has a header line but no rows");
    Samples samples({static_cast<std::int64_t>(features.size())}, std::move(numbers));
    samples.labels = std::move(notes.labels);
    samples.targets = std::move(notes.targets);
    samples.columns = std::move(notes.columns);
    return samples;
  }

  void split_off_test(Data& data) const {
    if (params_.test_fraction == 0) return;
    const std::size_t rows = data.train.size();
    const auto count =
        static_cast<std::size_t>(std::llround(params_.test_fraction * static_cast<double>(rows)));
    if (count == rows) {
      throw ConfigError("/dataset/test_fraction: " + json_number(params_.test_fraction) +
                        " of the " + count_of(rows, "row") + " in " + params_.path.value.string() +
                        " leaves none to train on");
    }
    data.test = data.train.part(rows - count, count);
    data.train = data.train.part(0, rows - count);
  }

  Params params_;
};

const Register<Dataset, Csv> registered{"csv", "a comma-separated table of numbers"};

}  // namespace
}  // namespace kith
