#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/json_depth.h"
#include "core/text.h"
#include "dataset/dataset.h"
#include "dataset/input_file.h"

namespace kith {
namespace {

using nlohmann::json;

/// Reads one JSON document; messages name the file and the place in it.
class QuadraticsReader {
 public:
  explicit QuadraticsReader(const std::filesystem::path& path) : file_(path) {}

  Quadratics read() {
    const json document = parse();
    const json& a = member(document, "A");
    const json& b = member(document, "b");
    Quadratics quadratics;
    quadratics.nodes = size_of(a, "/A");
    quadratics.dimension = size_of(a[0], "/A/0");
    quadratics.a = matrices(a, quadratics.nodes, quadratics.dimension);
    quadratics.b = rows(b, "/b", quadratics.nodes, quadratics.dimension);
    if (document.contains("x0")) {
      quadratics.x0 = rows(document["x0"], "/x0", quadratics.nodes, quadratics.dimension);
    }
    if (document.contains("labels")) {
      quadratics.labels = labels(document["labels"], quadratics.nodes);
    }
    check_symmetric(quadratics);
    return quadratics;
  }

 private:
  json parse() {
    const std::vector<std::uint8_t> text = file_.read_all();
    try {
      return json::parse(text, limit_depth);
    } catch (const JsonTooDeep& error) {
      fail("", error.what());
    } catch (const json::parse_error& error) {
      fail("", "is not valid JSON at byte " + std::to_string(error.byte));
    } catch (const json::exception&) {
      fail("", "has a number that is too large");
    }
  }

  const json& member(const json& document, const char* name) {
    if (!document.is_object() || !document.contains(name)) {
      fail("", "expected an object with \"A\" and \"b\", and none or \"x0\"");
    }
    return document[name];
  }

  std::int64_t size_of(const json& list, const std::string& where) {
    if (!list.is_array() || list.empty()) fail(where, "must be a list that is not empty");
    return static_cast<std::int64_t>(list.size());
  }

  void check_size(const json& list, const std::string& where, std::int64_t size,
                  const char* things) {
    if (list.is_array() && list.size() == static_cast<std::size_t>(size)) return;
    const std::string got = list.is_array() ? std::to_string(list.size()) : list.type_name();
    fail(where, "must be a list of " + count_of(static_cast<std::uint64_t>(size), things) +
                    ", got " + got);
  }

  std::vector<double> matrices(const json& list, std::int64_t nodes, std::int64_t dimension) {
    std::vector<double> numbers;
    for (std::int64_t i = 0; i < nodes; ++i) {
      const auto one =
          rows(list[static_cast<std::size_t>(i)], "/A/" + std::to_string(i), dimension, dimension);
      numbers.insert(numbers.end(), one.begin(), one.end());
    }
    return numbers;
  }

  std::vector<double> rows(const json& list, const std::string& where, std::int64_t count,
                           std::int64_t width) {
    check_size(list, where, count, "row");
    std::vector<double> numbers;
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::string row_at = where + '/' + std::to_string(i);
      check_size(list[i], row_at, width, "number");
      for (const json& number : list[i]) {
        if (!number.is_number())
          fail(row_at, std::string("must hold numbers, got ") + number.type_name());
        numbers.push_back(number.get<double>());
      }
    }
    return numbers;
  }

  std::vector<std::uint32_t> labels(const json& list, std::int64_t nodes) {
    check_size(list, "/labels", nodes, "row");
    const std::int64_t classes = size_of(list[0], "/labels/0");
    std::vector<std::uint32_t> counts;
    for (const double count : rows(list, "/labels", nodes, classes)) {
      if (count != std::floor(count) || count < 0 || count > UINT32_MAX) {
        fail("/labels", "must hold whole numbers from 0 to 4294967295, got " + json_number(count));
      }
      counts.push_back(static_cast<std::uint32_t>(count));
    }
    return counts;
  }

  void check_symmetric(const Quadratics& quadratics) {
    constexpr double kRoundingOfTheirAuthor = 1e-12;
    const auto d = static_cast<std::size_t>(quadratics.dimension);
    for (std::size_t at = 0; at < quadratics.a.size(); at += d * d) {
      const double* a = quadratics.a.data() + at;
      double largest = 0;
      for (std::size_t k = 0; k < d * d; ++k) largest = std::max(largest, std::abs(a[k]));
      for (std::size_t i = 0; i < d; ++i) {
        for (std::size_t j = 0; j < i; ++j) {
          if (std::abs(a[i * d + j] - a[j * d + i]) <= kRoundingOfTheirAuthor * largest) continue;
          fail("/A/" + std::to_string(at / (d * d)),
               "must be symmetric, but row " + std::to_string(i) + " has " +
                   json_number(a[i * d + j]) + " in column " + std::to_string(j) + " and row " +
                   std::to_string(j) + " has " + json_number(a[j * d + i]) + " in column " +
                   std::to_string(i));
        }
      }
    }
  }

  [[noreturn]] void fail(const std::string& where, const std::string& message) {
    file_.fail(where.empty() ? message : where + ": " + message);
  }

  InputFile file_;
};

/// A quadratic function for every node, on which theory is exact: no samples.
class QuadraticsData final : public Dataset {
 public:
  struct Params {
    Path path;

    void fields(Fields& f) {
      f.required(
          "path", path,
          "JSON: A [n][d][d], b [n][d] and, where not zero, x0 [n][d]; labels [n][classes], counts "
          "for protocols that choose neighbors by them");
    }
  };

  explicit QuadraticsData(Params params) : params_(std::move(params)) {}

  Data load(const std::vector<std::string>&) const override {
    Data data;
    data.task = Objective::kQuadratics;
    data.quadratics =
        std::make_shared<const Quadratics>(QuadraticsReader(params_.path.value).read());
    return data;
  }

 private:
  Params params_;
};

const Register<Dataset, QuadraticsData> registered{
    "quadratics", "f_i(x) = 1/2 (x - b_i)' A_i (x - b_i) on node i, from a JSON file"};

}  // namespace
}  // namespace kith
