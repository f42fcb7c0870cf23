#pragma once

#include <Spectra/SymEigsSolver.h>

#include <Eigen/Core>
#include <cmath>
#include <cstdint>
#include <optional>
#include <stdexcept>

namespace kith {

/// The most that Lanczos may do.
struct LanczosBounds {
  int basis;              ///< vectors to look among at a time
  std::int64_t restarts;  ///< of the search
};

/// The eigenvalue at the `end` of the spectrum of a symmetric operator (what Spectra takes: Scalar,
/// rows, cols, perform_op), to a relative 1e-10 of it; nothing where it is not found. At an end
/// that is far from zero: Spectra cannot tell that a tridiagonal matrix of zeros is solved.
template <class Operator>
std::optional<double> extreme_eigenvalue(Operator& op, Spectra::SortRule end,
                                         const LanczosBounds& bounds) {
  // Spectra stumbles where every vector is an eigenvector, as under a complete graph's W − J.
  Eigen::VectorXd any(op.rows()), image(op.rows());
  for (Eigen::Index i = 0; i < op.rows(); ++i) any(i) = std::sin(double(i + 1) * double(i + 1));
  any.array() -= any.mean();
  op.perform_op(any.data(), image.data());
  const double factor = any.dot(image) / any.squaredNorm();
  if ((image - factor * any).norm() <= 1e-13 * image.norm()) return factor;

  try {
    Spectra::SymEigsSolver<Operator> solver(op, 1, bounds.basis);
    solver.init();
    solver.compute(end, bounds.restarts, 1e-10);
    if (solver.info() == Spectra::CompInfo::Successful) return solver.eigenvalues()(0);
  } catch (const std::runtime_error&) {  // "eigen decomposition failed"
  }
  return {};
}

}  // namespace kith
