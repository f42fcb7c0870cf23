#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "graph/sparse_spectrum.h"

namespace kith {
namespace {

constexpr std::int64_t kMostNodesDense = 1'500;
constexpr std::int64_t kMostNodesSparse = 100'000;

Eigen::MatrixXd dense(const MixingMatrix& w) {
  const Eigen::Index n = w.graph.nodes();
  Eigen::MatrixXd matrix = Eigen::MatrixXd::Zero(n, n);
  for (Uid i = 0; i < n; ++i) {
    matrix(i, i) = w.self_weights[std::size_t(i)];
    const auto senders = w.graph.senders(i);
    for (std::size_t k = 0; k < senders.size(); ++k) matrix(i, senders[k]) = w.row(i)[k];
  }
  return matrix;
}

Eigen::VectorXd eigenvalues(const Eigen::MatrixXd& matrix) {
  return Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(matrix, Eigen::EigenvaluesOnly)
      .eigenvalues();
}

Spectrum dense_spectrum(const MixingMatrix& w, bool symmetric) {
  const Eigen::MatrixXd matrix = dense(w);
  const Eigen::MatrixXd distance = matrix.array() - 1.0 / double(matrix.rows());  // W − J
  if (!symmetric) {
    // Only the largest singular value is wanted, which squaring does not blur.
    const Eigen::MatrixXd square = distance.transpose() * distance;
    return {1 - std::sqrt(std::max(0.0, eigenvalues(square).maxCoeff())), {}};
  }
  const Eigen::VectorXd found = eigenvalues(distance);
  const double gap = 1 - found.cwiseAbs().maxCoeff();
  // Where W 1 = 1, W and W − J differ only in the eigenvalue of 1: it is 1 of the one, 0 of the
  // other.
  const bool same = is_row_stochastic(w) && found.minCoeff() < -1e-9;
  return {gap, same ? found.minCoeff() : eigenvalues(matrix).minCoeff()};
}

Spectrum sparse_spectrum(const MixingMatrix& w, bool symmetric) {
  const bool invertible = symmetric && is_row_stochastic(w);
  const bool apart = invertible && falls_apart(w.graph);
  Spectrum found = apart ? shift_invert_spectrum(w) : lanczos_spectrum(w, symmetric);
  if (found.spectral_gap || !invertible) return found;
  return apart ? lanczos_spectrum(w, symmetric) : shift_invert_spectrum(w);
}

}  // namespace

Spectrum spectrum(const MixingMatrix& w) {
  if (w.graph.nodes() > kMostNodesSparse) return {};
  const bool symmetric = is_symmetric(w);
  return w.graph.nodes() <= kMostNodesDense ? dense_spectrum(w, symmetric)
                                            : sparse_spectrum(w, symmetric);
}

}  // namespace kith
