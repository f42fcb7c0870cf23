#include <Spectra/SymEigsSolver.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "graph/sparse_spectrum.h"

namespace kith {
namespace {

/// A symmetric operator on vectors, known only by what it does to them, as Spectra takes it. It
/// adds kShift to every eigenvalue: Spectra cannot tell that a tridiagonal matrix whose
/// eigenvalues are all nearly zero, as that of a star, is solved.
class SparseOperator {
 public:
  static constexpr double kShift = 2;

  using Scalar = double;
  using Vector = Eigen::VectorXd;

  enum class Kind { kW, kWMinusJ, kSquare };  ///< W, W − J, (W − J)ᵀ(W − J)

  SparseOperator(const MixingMatrix& w, Kind kind) : w_(w), kind_(kind) {}

  Eigen::Index rows() const { return w_.graph.nodes(); }
  Eigen::Index cols() const { return rows(); }

  void perform_op(const double* in, double* out) const {
    const Vector x = Eigen::Map<const Vector>(in, rows());
    Vector y = times(x);
    if (kind_ != Kind::kW) y.array() -= x.mean();  // J x
    if (kind_ == Kind::kSquare) {
      const double mean = y.mean();
      y = transposed_times(y);
      y.array() -= mean;
    }
    Eigen::Map<Vector>(out, rows()) = y + kShift * x;
  }

 private:
  Vector times(const Vector& x) const {
    Vector y(rows());
    for (Uid i = 0; i < rows(); ++i) {
      double sum = w_.self_weights[std::size_t(i)] * x(i);
      const auto senders = w_.graph.senders(i);
      const auto weights = w_.row(i);
      for (std::size_t k = 0; k < senders.size(); ++k) sum += weights[k] * x(senders[k]);
      y(i) = sum;
    }
    return y;
  }

  Vector transposed_times(const Vector& x) const {
    Vector y(rows());
    for (Uid i = 0; i < rows(); ++i) y(i) = w_.self_weights[std::size_t(i)] * x(i);
    for (Uid i = 0; i < rows(); ++i) {
      const auto senders = w_.graph.senders(i);
      const auto weights = w_.row(i);
      for (std::size_t k = 0; k < senders.size(); ++k) y(senders[k]) += weights[k] * x(i);
    }
    return y;
  }

  const MixingMatrix& w_;
  Kind kind_;
};

/// The eigenvalue at one end of an operator's spectrum, if Lanczos finds it.
std::optional<double> extreme(const MixingMatrix& w, SparseOperator::Kind kind,
                              Spectra::SortRule end) {
  constexpr int kBasis = 80;
  // Some seconds of work for most graphs; long rings take the longest.
  const auto restarts = std::clamp<std::int64_t>(10'000'000 / w.graph.nodes(), 1, 2'000);
  SparseOperator op(w, kind);
  Spectra::SymEigsSolver<SparseOperator> solver(op, 1, kBasis);
  solver.init();
  solver.compute(end, restarts, 1e-10);
  if (solver.info() != Spectra::CompInfo::Successful) return {};
  return solver.eigenvalues()(0) - SparseOperator::kShift;
}

}  // namespace

Spectrum lanczos_spectrum(const MixingMatrix& w, bool symmetric) {
  using enum Spectra::SortRule;
  using Kind = SparseOperator::Kind;
  if (!symmetric) {
    const auto square = extreme(w, Kind::kSquare, LargestAlge);
    if (!square) return {};
    return {1 - std::sqrt(std::max(0.0, *square)), {}};
  }
  const auto bottom = extreme(w, Kind::kWMinusJ, SmallestAlge);
  const auto top = bottom ? extreme(w, Kind::kWMinusJ, LargestAlge) : std::nullopt;
  if (!top) return {};
  // Where W 1 = 1, W and W − J differ only in the eigenvalue of 1: it is 1 of the one, 0 of the
  // other.
  const bool same = is_row_stochastic(w) && *bottom < -1e-8;
  return {1 - std::max(std::abs(*top), std::abs(*bottom)),
          same ? bottom : extreme(w, Kind::kW, SmallestAlge)};
}

}  // namespace kith
