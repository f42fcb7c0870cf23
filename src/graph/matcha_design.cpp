#include "graph/matcha_design.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace kith {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;
using Solver = Eigen::SelfAdjointEigenSolver<MatrixXd>;

/// Σ_j scale(j) L_j
template <class Scale>
MatrixXd sum_of_laplacians(std::int64_t nodes, const Matchings& matchings, Scale scale) {
  MatrixXd sum = MatrixXd::Zero(nodes, nodes);
  for (std::size_t j = 0; j < matchings.size(); ++j) {
    const double s = scale(j);
    for (const auto [a, b] : matchings[j]) {
      sum(a, a) += s;
      sum(b, b) += s;
      sum(a, b) -= s;
      sum(b, a) -= s;
    }
  }
  return sum;
}

/// Which p is best: a projected supergradient method. λ₂ is concave in p, and a unit eigenvector v
/// of it, orthogonal to 1, gives the supergradient g_j = vᵀL_j v and an upper bound on every λ₂,
/// the best ⟨q, g⟩ of all feasible q; so do averages of such g.
class Probabilities {
 public:
  Probabilities(std::int64_t nodes, const Matchings& matchings, double budget)
      : nodes_(nodes),
        matchings_(matchings),
        total_(budget * double(matchings.size())),
        p_(VectorXd::Constant(Eigen::Index(matchings.size()), budget)) {}

  std::vector<double> best() {
    VectorXd best = p_;
    double lower = 0;
    double upper = std::numeric_limits<double>::infinity();
    VectorXd mean_g = VectorXd::Zero(p_.size());
    for (int step = 1; step <= kMostSteps; ++step) {
      const auto [connectivity, g] = supergradient();
      if (connectivity > lower) {
        lower = connectivity;
        best = p_;
      }
      mean_g += (g - mean_g) / step;
      upper = std::min({upper, most(g), most(mean_g)});
      if (upper - lower <= kTolerance * upper) break;
      const VectorXd direction = g.array() - g.mean();
      // Polyak's step, to where g alone would reach the bound; shorter and shorter.
      p_ += direction * ((upper - connectivity) / direction.squaredNorm() / std::sqrt(step));
      project();
    }
    return {best.data(), best.data() + best.size()};
  }

 private:
  static constexpr int kMostSteps = 300;
  static constexpr double kTolerance = 1e-3;

  /// λ₂ at p, and g, the mean over all eigenvectors of it.
  std::pair<double, VectorXd> supergradient() const {
    const Solver solver(sum_of_laplacians(nodes_, matchings_,
                                          [this](std::size_t j) { return p_(Eigen::Index(j)); }));
    const VectorXd& values = solver.eigenvalues();
    VectorXd g = VectorXd::Zero(p_.size());
    Eigen::Index copies = 0;
    for (Eigen::Index k = 1; k < nodes_ && values(k) <= values(1) + 1e-9; ++k, ++copies) {
      const auto v = solver.eigenvectors().col(k);
      for (std::size_t j = 0; j < matchings_.size(); ++j) {
        for (const auto [a, b] : matchings_[j]) {
          g(Eigen::Index(j)) += (v(a) - v(b)) * (v(a) - v(b));
        }
      }
    }
    return {values(1), g / double(copies)};
  }

  /// The largest ⟨q, g⟩ of 0 ≤ q ≤ 1, Σ q = total.
  double most(const VectorXd& g) const {
    std::vector<double> sorted(g.data(), g.data() + g.size());
    std::ranges::sort(sorted, std::greater());
    double left = total_;
    double sum = 0;
    for (const double value : sorted) {
      sum += value * std::clamp(left, 0.0, 1.0);
      left -= 1;
    }
    return sum;
  }

  /// To the nearest p with 0 ≤ p ≤ 1 and Σ p = total: all move by the same, then are clamped.
  void project() {
    double low = -p_.maxCoeff();      // all end at 0
    double high = 1 - p_.minCoeff();  // all end at 1
    const auto moved = [this](double by) { return (p_.array() + by).cwiseMax(0).cwiseMin(1); };
    for (int halving = 0; halving < 100; ++halving) {
      const double middle = (low + high) / 2;
      (moved(middle).sum() < total_ ? low : high) = middle;
    }
    p_ = VectorXd(moved(low));
  }

  std::int64_t nodes_;
  const Matchings& matchings_;
  double total_;  // Σ p
  VectorXd p_;
};

/// E[WᵀW] − J = I − J − 2 α L̄ + α² (L̄² + 2 L̃), L̄ = Σ p_j L_j, L̃ = Σ p_j (1 − p_j) L_j. (The
/// square of L_j is 2 L_j.)
class Moment {
 public:
  Moment(std::int64_t nodes, const Matchings& matchings, const std::vector<double>& p)
      : mean_(sum_of_laplacians(nodes, matchings, [&](std::size_t j) { return p[j]; })),
        square_(mean_ * mean_ + 2 * sum_of_laplacians(nodes, matchings, [&](std::size_t j) {
                                  return p[j] * (1 - p[j]);
                                })) {}

  MatrixXd at(double alpha) const {
    const Eigen::Index n = mean_.rows();
    return (MatrixXd::Identity(n, n) - 2 * alpha * mean_ + alpha * alpha * square_).array() -
           1.0 / double(n);
  }

  /// Whether the norm, which is convex in α, has its minimum at a smaller α than this: the slope of
  /// the parabola that belongs to an eigenvector of it.
  bool beyond_minimum(double alpha) const {
    const Solver solver(at(alpha));
    const VectorXd v = solver.eigenvectors().rightCols<1>();
    return alpha * v.dot(square_ * v) > v.dot(mean_ * v);
  }

 private:
  MatrixXd mean_;    // L̄
  MatrixXd square_;  // L̄² + 2 L̃
};

double best_step_size(const Moment& moment) {
  double high = 1;
  while (!moment.beyond_minimum(high)) high *= 2;
  double low = 0;
  while (high - low > 1e-10 * high) {
    const double middle = (low + high) / 2;
    (moment.beyond_minimum(middle) ? high : low) = middle;
  }
  return (low + high) / 2;
}

}  // namespace

MatchaDesign design_matcha(std::int64_t nodes, const Matchings& matchings, double budget) {
  MatchaDesign design{Probabilities(nodes, matchings, budget).best(), 0};
  design.step_size = best_step_size(Moment(nodes, matchings, design.probabilities));
  return design;
}

double connectivity(std::int64_t nodes, const Matchings& matchings,
                    const std::vector<double>& probabilities) {
  const MatrixXd mean =
      sum_of_laplacians(nodes, matchings, [&](std::size_t j) { return probabilities[j]; });
  return Solver(mean, Eigen::EigenvaluesOnly).eigenvalues()(1);
}

double contraction(std::int64_t nodes, const Matchings& matchings, const MatchaDesign& design) {
  const Moment moment(nodes, matchings, design.probabilities);
  return Solver(moment.at(design.step_size), Eigen::EigenvaluesOnly)
      .eigenvalues()(Eigen::Index(nodes - 1));
}

}  // namespace kith
