#include <Eigen/IterativeLinearSolvers>
#include <Eigen/Sparse>
#include <Eigen/SparseCholesky>
#include <algorithm>
#include <cmath>

#include "graph/extreme_eigenvalue.h"
#include "graph/shape.h"
#include "graph/sparse_spectrum.h"

namespace kith {
namespace {

using Eigen::VectorXd;
using Sparse = Eigen::SparseMatrix<double>;

/// Numbers in a factor that still fit in half a gigabyte, and multiplications that take ten
/// seconds.
constexpr double kMostFill = 3e7;
constexpr double kMostWork = 1.5e10;

/// A positive definite matrix factorized as L D Lᵀ.
class Factors : public Eigen::SimplicialLDLT<Sparse> {
 public:
  /// Whether the factors are small enough, and of a positive definite matrix.
  bool take(const Sparse& matrix) {
    analyzePattern(matrix);
    const auto columns = m_nonZerosPerCol.cast<double>();
    if (columns.sum() > kMostFill || columns.squaredNorm() > kMostWork) return false;
    factorize(matrix);
    return info() == Eigen::Success && vectorD().minCoeff() > 0;
  }

  bool gave_up() const { return false; }
};

/// Systems with a positive definite matrix, solved by conjugate gradients that the diagonal
/// preconditions, until these have taken too long.
class Gradients {
 public:
  bool take(const Sparse& matrix) {
    iterations_left_ = std::int64_t(kMostWork / double(matrix.nonZeros()));
    solver_.setTolerance(1e-11);
    solver_.compute(matrix);
    return true;
  }

  VectorXd solve(const VectorXd& x) const {
    if (gave_up()) return x;  // so that Lanczos, whose result nobody wants any more, ends soon
    solver_.setMaxIterations(iterations_left_);
    VectorXd y = solver_.solve(x);
    iterations_left_ -= solver_.iterations();
    return y;
  }

  bool gave_up() const { return iterations_left_ <= 0; }

 private:
  mutable Eigen::ConjugateGradient<Sparse, Eigen::Lower | Eigen::Upper> solver_;
  mutable std::int64_t iterations_left_ = 0;
};

/// The inverse on the vectors that sum to zero, as Spectra takes it.
template <class Solver>
class InverseOperator {
 public:
  using Scalar = double;

  InverseOperator(const Solver& solver, Eigen::Index rows) : solver_(solver), rows_(rows) {}

  Eigen::Index rows() const { return rows_; }
  Eigen::Index cols() const { return rows_; }

  void perform_op(const double* in, double* out) const {
    VectorXd x = Eigen::Map<const VectorXd>(in, rows_);
    x.array() -= x.mean();
    VectorXd y = solver_.solve(x);
    y.array() -= y.mean();
    Eigen::Map<VectorXd>(out, rows_) = y;
  }

 private:
  const Solver& solver_;
  Eigen::Index rows_;
};

/// The eigenvalue of a positive definite matrix that is closest to zero among those whose vectors
/// sum to zero.
template <class Solver>
std::optional<double> smallest(const Sparse& matrix, int basis) {
  Solver solver;
  if (!solver.take(matrix)) return {};
  InverseOperator<Solver> inverse(solver, matrix.rows());
  const auto found = extreme_eigenvalue(inverse, Spectra::SortRule::LargestAlge, {basis, 100});
  return found && !solver.gave_up() ? std::optional(1 / *found) : std::nullopt;
}

/// sign · (W − σ I)
Sparse shifted(const MixingMatrix& w, double sign, double shift) {
  const auto nodes = static_cast<Uid>(w.graph.nodes());
  std::vector<Eigen::Triplet<double>> entries;
  entries.reserve(w.weights.size() + w.self_weights.size());
  for (Uid i = 0; i < nodes; ++i) {
    entries.emplace_back(i, i, sign * (w.self_weights[std::size_t(i)] - shift));
    const auto senders = w.graph.senders(i);
    for (std::size_t k = 0; k < senders.size(); ++k) {
      entries.emplace_back(i, senders[k], sign * w.row(i)[k]);
    }
  }
  Sparse matrix(nodes, nodes);
  matrix.setFromTriplets(entries.begin(), entries.end());
  return matrix;
}

/// No eigenvalue is smaller (Gershgorin).
double lower_bound(const MixingMatrix& w) {
  double bound = 1;
  for (Uid i = 0; i < w.graph.nodes(); ++i) {
    double others = 0;
    for (const double weight : w.row(i)) others += std::abs(weight);
    bound = std::min(bound, w.self_weights[std::size_t(i)] - others);
  }
  return bound;
}

/// `basis` vectors span the space that Lanczos looks in; each costs a system to solve.
template <class Solver>
std::optional<double> inverted_end(const MixingMatrix& w, End end, int basis) {
  constexpr double kBeyond = 1e-10;
  if (end == End::kTop) {
    const double shift = 1 + kBeyond;
    const auto distance = smallest<Solver>(shifted(w, -1, shift), basis);
    return distance ? std::optional(shift - *distance) : std::nullopt;
  }
  const double shift = lower_bound(w) - kBeyond;
  const auto distance = smallest<Solver>(shifted(w, 1, shift), basis);
  return distance ? std::optional(shift + *distance) : std::nullopt;
}

}  // namespace

std::optional<double> factorized_end(const MixingMatrix& w, End end) {
  return inverted_end<Factors>(w, end, 40);
}

std::optional<double> conjugate_gradient_end(const MixingMatrix& w, End end) {
  return inverted_end<Gradients>(w, end, 10);
}

bool falls_apart(const Graph& graph) {
  // The nodes at one distance from another part those that are closer from those farther away. To
  // take w of them out fills about w² / 2 numbers, by w³ / 3 multiplications.
  if (graph.edges() < graph.nodes()) return true;  // a tree
  const double width = double(widest_level(graph));
  return width * width / 2 < kMostFill && width * width * width / 3 < kMostWork;
}

}  // namespace kith
