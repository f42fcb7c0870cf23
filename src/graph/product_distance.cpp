#include <Spectra/SymEigsSolver.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "graph/analysis.h"

namespace kith {
namespace {

using Eigen::Index;
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

/// AᵀA as Spectra takes it.
class Square {
 public:
  using Scalar = double;

  explicit Square(const Matrix& a) : a_(a) {}

  Index rows() const { return a_.cols(); }
  Index cols() const { return a_.cols(); }

  void perform_op(const double* in, double* out) const {
    const Eigen::VectorXd image = a_ * Eigen::Map<const Eigen::VectorXd>(in, rows());
    Eigen::Map<Eigen::VectorXd>(out, rows()).noalias() = a_.transpose() * image;
  }

 private:
  const Matrix& a_;
};

/// ‖A‖₂, the root of the largest eigenvalue of AᵀA.
double norm(Matrix a) {
  constexpr Index kMostRowsDense = 100;
  const double bound = a.norm();
  if (bound == 0) return 0;
  a /= bound;  // the squares of tiny numbers would be lost
  if (a.rows() > kMostRowsDense) {
    Square op(a);
    Spectra::SymEigsSolver<Square> solver(op, 1, 40);
    solver.init();
    solver.compute(Spectra::SortRule::LargestAlge, 200, 1e-10);
    if (solver.info() == Spectra::CompInfo::Successful) {
      return bound * std::sqrt(std::max(0.0, solver.eigenvalues()(0)));
    }
  }
  const Eigen::MatrixXd square = a.transpose() * a;
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> all(square, Eigen::EigenvaluesOnly);
  return bound * std::sqrt(std::max(0.0, all.eigenvalues().maxCoeff()));
}

}  // namespace

std::optional<double> product_distance(const Schedule& schedule) {
  constexpr std::int64_t kMostNodes = 2'000;
  constexpr double kMostWork = 4e9;  // some seconds
  const auto n = double(schedule.nodes());
  if (schedule.period() < 2 || schedule.nodes() > kMostNodes) return {};
  if (double(schedule.period()) * n * n > kMostWork) return {};
  const Index nodes = schedule.nodes();
  Matrix product = Matrix::Identity(nodes, nodes);
  for (Round round = 0; round < schedule.period(); ++round) {
    product = mixed(schedule, round, product);
  }
  product.array() -= 1 / double(nodes);
  return norm(std::move(product));
}

}  // namespace kith
