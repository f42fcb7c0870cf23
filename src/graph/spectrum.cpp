#include <Eigen/Dense>
#include <Eigen/Sparse>
#include <algorithm>
#include <cmath>
#include <future>

#include "graph/analysis.h"
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

/// Whether what a node gives away is at one many times what it is at another.
bool is_uneven(const MixingMatrix& w) {
  constexpr double kMuch = 30;
  const auto [least, most] = std::ranges::minmax(w.self_weights);
  return 1 - least > kMuch * (1 - most);
}

/// The eigenvalue at an end, by the way that is likely to be quick, or else by the others.
std::optional<double> sparse_end(const MixingMatrix& w, End end) {
  using Way = std::optional<double> (*)(const MixingMatrix&, End);
  std::vector<Way> ways{lanczos_end, conjugate_gradient_end, factorized_end};
  if (falls_apart(w.graph)) {
    ways = {factorized_end, lanczos_end, conjugate_gradient_end};
  } else if (end == End::kTop && is_uneven(w)) {
    ways = {conjugate_gradient_end, lanczos_end, factorized_end};
  }
  for (const Way way : ways) {
    if (const auto found = way(w, end)) return found;
  }
  return {};
}

/// WᵀW, if it is sparse too.
std::optional<MixingMatrix> square_of(const MixingMatrix& w) {
  constexpr double kMostEntries = 2e7;
  double entries = 0;
  for (Uid i = 0; i < w.graph.nodes(); ++i) {
    entries += double(w.row(i).size() + 1) * double(w.row(i).size() + 1);
  }
  if (entries > kMostEntries) return {};
  using Sparse = Eigen::SparseMatrix<double, Eigen::RowMajor>;
  std::vector<Eigen::Triplet<double>> numbers;
  for (Uid i = 0; i < w.graph.nodes(); ++i) {
    numbers.emplace_back(i, i, w.self_weights[std::size_t(i)]);
    const auto senders = w.graph.senders(i);
    for (std::size_t k = 0; k < senders.size(); ++k) {
      numbers.emplace_back(i, senders[k], w.row(i)[k]);
    }
  }
  Sparse matrix(w.graph.nodes(), w.graph.nodes());
  matrix.setFromTriplets(numbers.begin(), numbers.end());
  const Sparse square = Sparse(matrix.transpose()) * matrix;
  std::vector<Weight> weights;
  for (Uid i = 0; i < w.graph.nodes(); ++i) {
    for (Sparse::InnerIterator entry(square, i); entry; ++entry) {
      weights.push_back({i, static_cast<Uid>(entry.col()), entry.value()});
    }
  }
  return mixing_matrix(w.graph.nodes(), weights);
}

Spectrum sparse_spectrum(const MixingMatrix& w, bool symmetric) {
  const bool stochastic = is_row_stochastic(w);
  if (symmetric && stochastic) {
    auto other = std::async(std::launch::async, [&w] { return sparse_end(w, End::kBottom); });
    const auto top = sparse_end(w, End::kTop);
    const auto bottom = other.get();
    if (!bottom || !top) return {{}, bottom};
    return {1 - std::max(std::abs(*top), std::abs(*bottom)), bottom};
  }
  if (stochastic) {
    // Where columns sum to one too, ρ² is an eigenvalue of WᵀW, which is symmetric and stochastic.
    const auto square = square_of(w);
    if (square && is_row_stochastic(*square)) {
      if (const auto top = sparse_end(*square, End::kTop)) {
        return {1 - std::sqrt(std::max(0.0, *top)), {}};
      }
    }
  }
  const auto rho = lanczos_norm(w, symmetric);
  return {rho ? std::optional(1 - *rho) : std::nullopt,
          symmetric ? lanczos_smallest(w) : std::nullopt};
}

}  // namespace

Spectrum spectrum(const MixingMatrix& w) {
  if (w.graph.nodes() > kMostNodesSparse) return {};
  const bool symmetric = is_symmetric(w);
  return w.graph.nodes() <= kMostNodesDense ? dense_spectrum(w, symmetric)
                                            : sparse_spectrum(w, symmetric);
}

}  // namespace kith
