#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <string>

#include "graph/analysis.h"

namespace kith {
namespace {

using Eigen::Index;
using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

/// Minimizes ρ = ‖W − J‖₂ over W = I − Σ_l w_l a_l a_lᵀ, where a_l is 1 at one end of edge l, −1 at
/// the other, and 0 elsewhere. That is a semidefinite program,
///     minimize s  subject to  P = s I − (W − J) ⪰ 0,  Q = s I + (W − J) ⪰ 0,
/// solved by following the minimum of  t s − log det P − log det Q  for growing t by Newton steps.
/// At the minimum for t, s is within 2n / t of the optimum.
class FastestMixing {
 public:
  explicit FastestMixing(const MixingMatrix& start)
      : nodes_(start.graph.nodes()), s_(2 - *spectrum(start).spectral_gap) {
    std::vector<double> weights;
    for (Uid i = 0; i < nodes_; ++i) {
      const auto senders = start.graph.senders(i);
      for (std::size_t k = 0; k < senders.size(); ++k) {
        if (senders[k] < i) continue;
        edges_.push_back({i, senders[k]});
        weights.push_back(start.row(i)[k]);
      }
    }
    w_ = Eigen::Map<const Vector>(weights.data(), Index(weights.size()));
  }

  /// The optimal weights as a symmetric matrix with zeros where there is no edge.
  Matrix solve() {
    constexpr double kPrecision = 1e-9;
    constexpr double kGrowth = 20;
    const double last = 2 * double(nodes_) / kPrecision;
    for (double t = 2 * double(nodes_) / s_; t < kGrowth * last; t *= kGrowth) {
      for (int steps = 0; steps < 50 && newton_step(std::min(t, last)); ++steps) {
      }
    }
    Matrix weights = Matrix::Zero(nodes_, nodes_);
    for (Index l = 0; l < w_.size(); ++l) {
      const auto [i, j] = edges_[std::size_t(l)];
      weights(i, j) = weights(j, i) = w_[l];
    }
    return weights;
  }

 private:
  /// W − J for edge weights w.
  Matrix distance(const Vector& w) const {
    Matrix distance = Matrix::Constant(nodes_, nodes_, -1 / double(nodes_));
    distance.diagonal().array() += 1;
    for (Index l = 0; l < w.size(); ++l) {
      const auto [i, j] = edges_[std::size_t(l)];
      distance(i, i) -= w[l];
      distance(j, j) -= w[l];
      distance(i, j) += w[l];
      distance(j, i) += w[l];
    }
    return distance;
  }

  /// What is minimized; infinite where P or Q is not positive definite.
  double value(double t, const Vector& w, double s) const {
    const Matrix b = distance(w);
    double value = t * s;
    for (const double sign : {-1.0, 1.0}) {
      Matrix m = sign * b;
      m.diagonal().array() += s;
      const Eigen::LLT<Matrix> root(m);
      if (root.info() != Eigen::Success) return std::numeric_limits<double>::infinity();
      value -= 2 * root.matrixLLT().diagonal().array().log().sum();
    }
    return value;
  }

  /// The columns M a_l of a symmetric M.
  Matrix times_edges(const Matrix& m) const {
    Matrix product(m.rows(), w_.size());
    for (Index l = 0; l < w_.size(); ++l) {
      const auto [i, j] = edges_[std::size_t(l)];
      product.col(l) = m.col(i) - m.col(j);
    }
    return product;
  }

  /// Moves (w, s) towards the minimum for t; false when it is there, to what matters or can be had.
  bool newton_step(double t) {
    const Index m = w_.size();
    Matrix hessian = Matrix::Zero(m + 1, m + 1);
    Vector gradient = Vector::Zero(m + 1);
    gradient[m] = t;
    const Matrix b = distance(w_);
    for (const double sign : {-1.0, 1.0}) {  // of P, then of Q
      Matrix inverse = sign * b;
      inverse.diagonal().array() += s_;
      inverse = inverse.llt().solve(Matrix::Identity(nodes_, nodes_)).eval();
      const Matrix columns = times_edges(inverse);               // P⁻¹ a_l
      const Matrix products = times_edges(columns.transpose());  // a_kᵀ P⁻¹ a_l at (k, l)
      hessian.topLeftCorner(m, m) += products.cwiseAbs2();
      hessian.col(m).head(m) -= sign * columns.colwise().squaredNorm().transpose();
      hessian(m, m) += inverse.squaredNorm();
      gradient.head(m) += sign * products.diagonal();
      gradient[m] -= inverse.trace();
    }
    hessian.row(m).head(m) = hessian.col(m).head(m).transpose();
    const Vector step = -hessian.ldlt().solve(gradient);
    const double slope = gradient.dot(step);
    if (!(slope < -1e-3)) return false;  // hardly any way to go, or rounding has taken over
    const double here = value(t, w_, s_);
    for (double length = 1; length > 1e-6; length /= 2) {
      const Vector w = w_ + length * step.head(m);
      const double s = s_ + length * step[m];
      if (!(value(t, w, s) < here + 0.1 * length * slope)) continue;
      w_ = w;
      s_ = s;
      return true;
    }
    return false;
  }

  struct Ends {
    Uid i;
    Uid j;
  };

  Index nodes_;
  std::vector<Ends> edges_;
  Vector w_;  // of the edges
  double s_;
};

/// Fastest distributed linear averaging: the symmetric W of the smallest ρ = ‖W − J‖₂ that a graph
/// can carry (Xiao & Boyd, "Fast linear iterations for distributed averaging", 2004). W is doubly
/// stochastic; some of its weights may be negative. On graphs whose edges all look alike it is
/// best_constant.
class Fdla final : public Weights {
 public:
  using Params = NoParams;

  explicit Fdla(Params) {}

  MixingMatrix on(Graph graph) const override {
    require_undirected(graph, "fdla");
    require_small(graph);
    MixingMatrix best = Weights::registry().standard("best_constant").make()->on(graph);
    if (best.weights.empty()) return best;
    take_better(best, Weights::registry().standard("metropolis_hastings").make()->on(graph));
    const Matrix optimum = FastestMixing(best).solve();
    take_better(best,
                stochastic_matrix(std::move(graph), [&](Uid i, Uid j) { return optimum(i, j); }));
    return best;
  }

  double on_complete_graph(std::int64_t nodes) const override { return 1.0 / double(nodes); }

 private:
  static constexpr std::int64_t kMostNodes = 200;
  static constexpr std::int64_t kMostEdges = 2'000;

  static void require_small(const Graph& graph) {
    if (graph.nodes() <= kMostNodes && graph.edges() <= kMostEdges) return;
    throw ConfigError("/graph/weights: fdla is found for up to " + std::to_string(kMostNodes) +
                      " nodes and " + std::to_string(kMostEdges) + " edges, got " +
                      std::to_string(graph.nodes()) + " and " + std::to_string(graph.edges()) +
                      "; use best_constant or metropolis_hastings");
  }

  static void take_better(MixingMatrix& best, MixingMatrix other) {
    if (*spectrum(other).spectral_gap > *spectrum(best).spectral_gap) best = std::move(other);
  }
};

const Register<Weights, Fdla> registered{
    "fdla", "the fastest symmetric weights of the graph, up to 200 nodes: doubly stochastic"};

}  // namespace
}  // namespace kith
