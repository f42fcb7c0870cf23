#pragma once

#include <Eigen/Core>

#include "graph/mixing_matrix.h"

namespace kith {

/// W x
inline Eigen::VectorXd times(const MixingMatrix& w, const Eigen::VectorXd& x) {
  Eigen::VectorXd y(x.size());
  for (Uid i = 0; i < x.size(); ++i) {
    double sum = w.self_weights[std::size_t(i)] * x(i);
    const auto senders = w.graph.senders(i);
    const auto weights = w.row(i);
    for (std::size_t k = 0; k < senders.size(); ++k) sum += weights[k] * x(senders[k]);
    y(i) = sum;
  }
  return y;
}

/// Wᵀ x
inline Eigen::VectorXd transposed_times(const MixingMatrix& w, const Eigen::VectorXd& x) {
  Eigen::VectorXd y(x.size());
  for (Uid i = 0; i < x.size(); ++i) y(i) = w.self_weights[std::size_t(i)] * x(i);
  for (Uid i = 0; i < x.size(); ++i) {
    const auto senders = w.graph.senders(i);
    const auto weights = w.row(i);
    for (std::size_t k = 0; k < senders.size(); ++k) y(senders[k]) += weights[k] * x(i);
  }
  return y;
}

}  // namespace kith
