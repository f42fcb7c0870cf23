#include <Spectra/SymEigsSolver.h>

#include <Eigen/Sparse>
#include <Eigen/SparseCholesky>
#include <algorithm>
#include <cmath>

#include "graph/shape.h"
#include "graph/sparse_spectrum.h"

namespace kith {
namespace {

using Sparse = Eigen::SparseMatrix<double>;

/// Numbers in a factor that still fit in half a gigabyte.
constexpr std::int64_t kMostFill = 30'000'000;

/// ± (W − σ I) factorized as L D Lᵀ.
class Factors : public Eigen::SimplicialLDLT<Sparse> {
 public:
  /// Whether the factors are small enough, and of a positive definite matrix.
  bool take(const Sparse& matrix) {
    analyzePattern(matrix);
    if (m_matrix.nonZeros() > kMostFill) return false;
    factorize(matrix);
    return info() == Eigen::Success && vectorD().minCoeff() > 0;
  }
};

/// The inverse on the vectors that sum to zero, as Spectra takes it.
class InverseOperator {
 public:
  using Scalar = double;

  explicit InverseOperator(const Factors& factors) : factors_(factors) {}

  Eigen::Index rows() const { return factors_.rows(); }
  Eigen::Index cols() const { return rows(); }

  void perform_op(const double* in, double* out) const {
    Eigen::VectorXd x = Eigen::Map<const Eigen::VectorXd>(in, rows());
    x.array() -= x.mean();
    Eigen::VectorXd y = factors_.solve(x);
    y.array() -= y.mean();
    Eigen::Map<Eigen::VectorXd>(out, rows()) = y;
  }

 private:
  const Factors& factors_;
};

/// The eigenvalues of a positive definite matrix that are closest to zero among those whose vectors
/// sum to zero.
std::optional<double> smallest(const Sparse& matrix) {
  constexpr int kBasis = 40;
  Factors factors;
  if (!factors.take(matrix)) return {};
  InverseOperator inverse(factors);
  Spectra::SymEigsSolver<InverseOperator> solver(inverse, 1, kBasis);
  solver.init();
  solver.compute(Spectra::SortRule::LargestAlge, 100, 1e-10);
  if (solver.info() != Spectra::CompInfo::Successful) return {};
  return 1 / solver.eigenvalues()(0);
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

}  // namespace

Spectrum shift_invert_spectrum(const MixingMatrix& w) {
  constexpr double kBeyond = 1e-10;
  const double top = 1 + kBeyond;
  const double bottom = lower_bound(w) - kBeyond;
  const auto below_top = smallest(shifted(w, -1, top));
  if (!below_top) return {};
  const auto above_bottom = smallest(shifted(w, 1, bottom));
  if (!above_bottom) return {};
  const double second = top - *below_top;
  const double last = bottom + *above_bottom;
  return {1 - std::max(std::abs(second), std::abs(last)), last};
}

bool falls_apart(const Graph& graph) {
  // The nodes at one distance from another part those that are closer from those farther away. To
  // take w of them out fills about w² / 2 numbers.
  if (graph.edges() < graph.nodes()) return true;  // a tree
  const double width = double(widest_level(graph));
  return width * width / 2 < double(kMostFill);
}

}  // namespace kith
