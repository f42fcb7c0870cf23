#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "graph/extreme_eigenvalue.h"
#include "graph/sparse_product.h"
#include "graph/sparse_spectrum.h"

namespace kith {
namespace {

/// A symmetric operator on vectors, known only by what it does to them, as Spectra takes it. It
/// adds kShift to every eigenvalue, for those of a star are all nearly zero.
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
    Vector y = times(w_, x);
    if (kind_ != Kind::kW) y.array() -= x.mean();  // J x
    if (kind_ == Kind::kSquare) {
      const double mean = y.mean();
      y = transposed_times(w_, y);
      y.array() -= mean;
    }
    Eigen::Map<Vector>(out, rows()) = y + kShift * x;
  }

 private:
  const MixingMatrix& w_;
  Kind kind_;
};

using Kind = SparseOperator::Kind;
using Spectra::SortRule;

/// The eigenvalue at one end of an operator's spectrum, if Lanczos finds it.
std::optional<double> extreme(const MixingMatrix& w, Kind kind, SortRule end) {
  constexpr int kBasis = 40;  // most of the time goes into keeping it orthogonal
  const auto restarts = std::clamp<std::int64_t>(15'000'000 / w.graph.nodes(), 1, 5'000);
  SparseOperator op(w, kind);
  const auto found = extreme_eigenvalue(op, end, {kBasis, restarts});
  return found ? std::optional(*found - SparseOperator::kShift) : std::nullopt;
}

}  // namespace

std::optional<double> lanczos_end(const MixingMatrix& w, End end) {
  // The eigenvalue 1 of the vector of ones is at no bottom; at the top, W − J has 0 instead.
  return end == End::kTop ? extreme(w, Kind::kWMinusJ, SortRule::LargestAlge)
                          : extreme(w, Kind::kW, SortRule::SmallestAlge);
}

std::optional<double> lanczos_norm(const MixingMatrix& w, bool symmetric) {
  if (!symmetric) {
    const auto square = extreme(w, Kind::kSquare, SortRule::LargestAlge);
    return square ? std::optional(std::sqrt(std::max(0.0, *square))) : std::nullopt;
  }
  const auto bottom = extreme(w, Kind::kWMinusJ, SortRule::SmallestAlge);
  const auto top = extreme(w, Kind::kWMinusJ, SortRule::LargestAlge);
  if (!bottom || !top) return {};
  return std::max(std::abs(*top), std::abs(*bottom));
}

std::optional<double> lanczos_smallest(const MixingMatrix& w) {
  return extreme(w, Kind::kW, SortRule::SmallestAlge);
}

}  // namespace kith
