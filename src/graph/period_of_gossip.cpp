#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "graph/analysis.h"
#include "graph/extreme_eigenvalue.h"
#include "graph/sparse_product.h"

namespace kith {
namespace {

using Eigen::Index;
using Eigen::VectorXd;
using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// W of `round` times `x`.
Matrix mixed(const Schedule& schedule, Round round, const Matrix& x) {
  Matrix result(x.rows(), x.cols());
  for (Uid i = 0; i < schedule.nodes(); ++i) {
    const Neighborhood row = schedule.neighborhood(i, round);
    result.row(i) = row.self_weight * x.row(i);
    for (const auto& [j, weight] : row.senders) result.row(i) += weight * x.row(j);
  }
  return result;
}

/// A matrix in memory.
class DenseFactor {
 public:
  explicit DenseFactor(const Matrix& a) : a_(a) {}

  Index size() const { return a_.cols(); }
  VectorXd times(const VectorXd& x) const { return a_ * x; }
  VectorXd transposed_times(const VectorXd& x) const { return a_.transpose() * x; }

 private:
  const Matrix& a_;
};

/// P − J or (I − J) P for P = W_{p−1} ⋯ W_1 W_0, of which only the factors are in memory.
class ProductFactor {
 public:
  enum class Kind { kDistance, kDisagreement };

  ProductFactor(const std::vector<MixingMatrix>& rounds, Kind kind)
      : rounds_(rounds), kind_(kind) {}

  Index size() const { return rounds_.front().graph.nodes(); }

  VectorXd times(const VectorXd& x) const {
    VectorXd y = x;
    for (const MixingMatrix& w : rounds_) y = kith::times(w, y);
    y.array() -= kind_ == Kind::kDistance ? x.mean() : y.mean();
    return y;
  }

  VectorXd transposed_times(const VectorXd& x) const {
    VectorXd y = x;
    if (kind_ == Kind::kDisagreement) y.array() -= x.mean();
    for (auto w = rounds_.rbegin(); w != rounds_.rend(); ++w) y = kith::transposed_times(*w, y);
    if (kind_ == Kind::kDistance) y.array() -= x.mean();
    return y;
  }

 private:
  const std::vector<MixingMatrix>& rounds_;
  Kind kind_;
};

/// AᵀA / s² + kShift I, as Spectra takes it: away from zero, for A may be of low rank.
template <class Factor>
class Square {
 public:
  static constexpr double kShift = 2;

  using Scalar = double;

  Square(const Factor& a, double scale) : a_(a), scale_(scale) {}

  Index rows() const { return a_.size(); }
  Index cols() const { return a_.size(); }

  void perform_op(const double* in, double* out) const {
    const VectorXd x = Eigen::Map<const VectorXd>(in, rows());
    const VectorXd image = a_.times(x) / scale_;
    Eigen::Map<VectorXd>(out, rows()) = a_.transposed_times(image) / scale_ + kShift * x;
  }

 private:
  const Factor& a_;
  double scale_;
};

/// Some steps of the power iteration: ‖A‖₂, or less.
template <class Factor>
double norm_at_least(const Factor& a) {
  constexpr int kSteps = 3;
  VectorXd x(a.size());
  for (Index i = 0; i < a.size(); ++i) x(i) = std::sin(double(i + 1) * double(i + 1));
  double norm = 0;
  for (int step = 0; step < kSteps && x.norm() > 0; ++step) {
    x /= x.norm();
    const VectorXd image = a.times(x);
    norm = image.norm();
    if (norm > 0) x = a.transposed_times(image / norm);
  }
  return norm;
}

/// ‖A‖₂, the root of the largest eigenvalue of AᵀA, if it is found; `least` is no more than that.
/// Scaled by it, for the squares of tiny numbers would be lost.
template <class Factor>
std::optional<double> norm(const Factor& a, double least, std::int64_t restarts) {
  if (least == 0) return 0;
  Square<Factor> square(a, least);
  const auto found = extreme_eigenvalue(square, Spectra::SortRule::LargestAlge, {40, restarts});
  if (!found) return {};
  return least * std::sqrt(std::max(0.0, *found - Square<Factor>::kShift));
}

double dense_norm(const Matrix& a, double least) {
  constexpr Index kMostRowsDirect = 100;
  if (a.rows() > kMostRowsDirect) {
    if (const auto found = norm(DenseFactor(a), least, 200)) return *found;
  }
  const double bound = a.norm();
  if (bound == 0) return 0;
  const Eigen::MatrixXd square = (a / bound).transpose() * (a / bound);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> all(square, Eigen::EigenvaluesOnly);
  return bound * std::sqrt(std::max(0.0, all.eigenvalues().maxCoeff()));
}

PeriodOfGossip dense_period(const Schedule& schedule) {
  const Index nodes = schedule.nodes();
  Matrix product = Matrix::Identity(nodes, nodes);
  PeriodOfGossip period;
  for (Round round = 1; round <= schedule.period(); ++round) {
    product = mixed(schedule, round - 1, product);
    const bool last = round == schedule.period();
    if (period.enough && !last) continue;
    const Matrix disagreement = product.rowwise() - product.colwise().mean();
    const double least = norm_at_least(DenseFactor(disagreement));
    if (least > kConsensus && !last) continue;
    period.disagreement = dense_norm(disagreement, least);
    if (!period.enough && *period.disagreement <= kConsensus) period.enough = round;
  }
  const Matrix distance = product.array() - 1 / double(nodes);
  period.distance = dense_norm(distance, norm_at_least(DenseFactor(distance)));
  return period;
}

std::optional<double> sparse_norm(const ProductFactor& product, std::int64_t restarts) {
  constexpr double kRoundingNoise = 1e-13;  // of which no norm can be found
  const double least = norm_at_least(product);
  return least <= kRoundingNoise ? std::optional(least) : norm(product, least, restarts);
}

PeriodOfGossip sparse_period(const Schedule& schedule, double weights) {
  using Kind = ProductFactor::Kind;
  constexpr double kMostWork = 4e9;  // some ten seconds
  std::vector<MixingMatrix> rounds;
  for (Round round = 0; round < schedule.period(); ++round) {
    rounds.push_back(matrix_of(schedule, round));
  }
  const auto restarts = std::clamp<std::int64_t>(std::int64_t(kMostWork / (80 * weights)), 1, 500);
  PeriodOfGossip period;
  period.distance = sparse_norm(ProductFactor(rounds, Kind::kDistance), restarts);
  const bool keeps_mean = std::ranges::all_of(rounds, is_column_stochastic);
  period.disagreement = keeps_mean
                            ? period.distance
                            : sparse_norm(ProductFactor(rounds, Kind::kDisagreement), restarts);
  if (period.disagreement && *period.disagreement <= kConsensus) period.enough = schedule.period();
  return period;
}

}  // namespace

PeriodOfGossip period_of_gossip(const Schedule& schedule) {
  constexpr std::int64_t kMostNodesDense = 2'000;
  constexpr double kMostWorkDense = 4e9;  // some seconds
  constexpr std::int64_t kMostNodesSparse = 100'000;
  constexpr double kMostWeights = 2e7;  // some hundred megabytes
  if (schedule.period() < 2 || schedule.nodes() > kMostNodesSparse) return {};
  const auto n = double(schedule.nodes());
  const auto p = double(schedule.period());
  if (schedule.nodes() <= kMostNodesDense && p * n * n <= kMostWorkDense) {
    return dense_period(schedule);
  }
  if (p * n > kMostWeights) return {};
  double weights = p * n;
  for (Round round = 0; round < schedule.period() && weights <= kMostWeights; ++round) {
    for (Uid i = 0; i < schedule.nodes(); ++i) {
      weights += double(schedule.neighborhood(i, round).senders.size());
    }
  }
  return weights <= kMostWeights ? sparse_period(schedule, weights) : PeriodOfGossip{};
}

}  // namespace kith
