#pragma once

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "core/json_object.h"
#include "core/random.h"
#include "experiment/experiment.h"
#include "support/folder.h"

namespace kith {

using Matrix = std::vector<std::vector<double>>;

/// n quadratics f_i(x) = ½ (x − b_i)ᵀA_i(x − b_i) in d dimensions, A_i symmetric with eigenvalues
/// around 1, and a start for every node.
struct QuadraticProblem {
  std::size_t n, d;
  std::vector<Matrix> a;
  Matrix b, x0;

  QuadraticProblem(std::size_t nodes, std::size_t dimension, std::uint64_t seed = 1)
      : n(nodes),
        d(dimension),
        a(n, Matrix(d, std::vector<double>(d))),
        b(n, std::vector<double>(d)),
        x0(b) {
    Random random(seed, Purpose::kModel);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t r = 0; r < d; ++r) {
        b[i][r] = random.normal();
        x0[i][r] = static_cast<float>(random.normal());
        a[i][r][r] = 0.5 + random.uniform();
        for (std::size_t c = 0; c < r; ++c)
          a[i][r][c] = a[i][c][r] = 0.2 * random.normal() / double(d);
      }
    }
  }

  std::vector<double> gradient(std::size_t node, const std::vector<double>& x) const {
    std::vector<double> g(d);
    for (std::size_t r = 0; r < d; ++r) {
      for (std::size_t c = 0; c < d; ++c) g[r] += a[node][r][c] * (x[c] - b[node][c]);
    }
    return g;
  }

  void write(const std::filesystem::path& file) const {
    const auto row = [](const std::vector<double>& values) {
      return json_array(values, [](double value) { return json_number(value); });
    };
    const auto matrix = [&](const Matrix& m) { return json_array(m, row); };
    std::ofstream(file) << JsonObject()
                               .raw("A", json_array(a, matrix))
                               .raw("b", matrix(b))
                               .raw("x0", matrix(x0))
                               .str();
  }
};

/// A config run for a test in a folder of its own.
class TestRun {
 public:
  const std::filesystem::path& folder() const { return folder_.path(); }

  Experiment::Outcome run(const std::string& config, int threads = 2, const Seat& seat = {}) {
    return run(RunConfig::read(Config::parse(config, "test.json")), threads, seat);
  }

  Experiment::Outcome run(RunConfig config, int threads, const Seat& seat) {
    Experiment experiment(std::move(config), threads, seat);
    const std::filesystem::path out = folder() / ("run" + std::to_string(runs_++));
    const Experiment::Outcome outcome = experiment.run(RunDirectory(out), {});
    metrics_.clear();
    parameters_.clear();
    std::ifstream file(out / "metrics-0.jsonl");
    for (std::string line; std::getline(file, line);) {
      const Config& record = metrics_.emplace_back(Config::parse(line, "metrics-0.jsonl"));
      if (record.has("parameters")) note_parameters(record);
    }
    return outcome;
  }

  /// Every line of the last run's metrics.
  const std::vector<Config>& metrics() const { return metrics_; }

  std::vector<Config> events(const std::string& event) const {
    std::vector<Config> found;
    for (const Config& line : metrics_) {
      if (line.at("event").to_string() == event) found.push_back(line);
    }
    return found;
  }

  /// Recorded parameters after `round`, a row a node.
  Matrix parameters(Round round) const {
    const auto found = parameters_.find(round);
    return found == parameters_.end() ? Matrix() : found->second;
  }

 private:
  void note_parameters(const Config& record) {
    auto& row = parameters_[record.at("round").to_integer()].emplace_back();
    for (const Config& value : record.at("parameters").elements()) {
      row.push_back(static_cast<float>(value.to_number()));
    }
  }

  TestFolder folder_;
  int runs_ = 0;
  std::vector<Config> metrics_;
  std::map<Round, Matrix> parameters_;  // by round, a row a node
};

/// W as the schedule has it in a round.
inline Matrix mixing_matrix_of(const Schedule& schedule, Round round = 0) {
  const auto n = static_cast<std::size_t>(schedule.nodes());
  Matrix w(n, std::vector<double>(n));
  for (std::size_t i = 0; i < n; ++i) {
    const Neighborhood row = schedule.neighborhood(static_cast<Uid>(i), round);
    w[i][i] = row.self_weight;
    for (const auto& sender : row.senders)
      w[i][static_cast<std::size_t>(sender.uid)] = sender.weight;
  }
  return w;
}

/// W as a file that the graph `file` reads.
inline void write_matrix(const Matrix& w, const std::filesystem::path& file) {
  std::vector<std::string> entries;
  for (std::size_t i = 0; i < w.size(); ++i) {
    for (std::size_t j = 0; j < w.size(); ++j) {
      if (w[i][j] == 0) continue;
      entries.push_back('[' + std::to_string(i) + ',' + std::to_string(j) + ',' +
                        json_number(w[i][j]) + ']');
    }
  }
  std::ofstream(file) << R"({"nodes": )" << w.size() << R"(, "period": 1, "rounds": [[)"
                      << join(entries, ",") << "]]}";
}

inline Matrix times(const Matrix& w, const Matrix& x) {
  Matrix y(x.size(), std::vector<double>(x[0].size()));
  for (std::size_t i = 0; i < w.size(); ++i) {
    for (std::size_t j = 0; j < w.size(); ++j) {
      for (std::size_t k = 0; k < y[i].size(); ++k) y[i][k] += w[i][j] * x[j][k];
    }
  }
  return y;
}

inline double largest_difference(const Matrix& x, const Matrix& y) {
  double largest = x.size() == y.size() ? 0 : 1e9;
  for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i) {
    for (std::size_t k = 0; k < x[i].size(); ++k) {
      largest = std::max(largest, std::abs(x[i][k] - y[i][k]));
    }
  }
  return largest;
}

}  // namespace kith
