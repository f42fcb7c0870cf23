#pragma once

#include <cmath>

#include "graph/graph_testing.h"

namespace kith {

/// n × n numbers, row behind row.
class Dense {
 public:
  explicit Dense(std::int64_t n) : n_(n), values_(std::size_t(n * n)) {}

  static Dense identity(std::int64_t n) {
    Dense identity(n);
    for (std::int64_t i = 0; i < n; ++i) identity.row(i)[i] = 1;
    return identity;
  }

  std::int64_t nodes() const { return n_; }
  double* row(std::int64_t i) { return values_.data() + i * n_; }
  const double* row(std::int64_t i) const { return values_.data() + i * n_; }

  /// W of `round` times this.
  Dense mixed(const Schedule& schedule, Round round) const {
    Dense product(n_);
    for (Uid i = 0; i < n_; ++i) {
      const Neighborhood at = schedule.neighborhood(i, round);
      product.add(i, at.self_weight, row(i));
      for (const auto& [j, weight] : at.senders) product.add(i, weight, row(j));
    }
    return product;
  }

  /// max |P_ij − 1/n|
  double distance_from_average() const {
    double largest = 0;
    for (const double value : values_) {
      largest = std::max(largest, std::abs(value - 1 / double(n_)));
    }
    return largest;
  }

  /// ‖P − J‖₂
  double rho() const {
    std::vector<Weight> entries;
    for (Uid i = 0; i < n_; ++i) {
      for (Uid j = 0; j < n_; ++j) entries.push_back({i, j, row(i)[j]});
    }
    return kith::rho(mixing_matrix(n_, entries));
  }

  friend bool operator==(const Dense&, const Dense&) = default;

 private:
  void add(std::int64_t i, double weight, const double* values) {
    double* const sum = row(i);
    for (std::int64_t k = 0; k < n_; ++k) sum[k] += weight * values[k];
  }

  std::int64_t n_;
  std::vector<double> values_;
};

/// W_{first+rounds−1} ⋯ W_first
inline Dense product(const Schedule& schedule, Round rounds, Round first = 0) {
  Dense product = Dense::identity(schedule.nodes());
  for (Round t = first; t < first + rounds; ++t) product = product.mixed(schedule, t);
  return product;
}

inline Dense matrix(const Schedule& schedule, Round round) { return product(schedule, 1, round); }

inline std::int64_t largest_degree(const Schedule& schedule, Round rounds) {
  std::size_t largest = 0;
  for (Round t = 0; t < rounds; ++t) {
    for (Uid i = 0; i < schedule.nodes(); ++i) {
      largest = std::max(largest, schedule.neighborhood(i, t).senders.size());
    }
  }
  return std::int64_t(largest);
}

}  // namespace kith
