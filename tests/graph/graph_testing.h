#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "graph/analysis.h"
#include "graph/schedule.h"
#include "support/folder.h"

namespace kith {

/// The graph that a config's "graph" section would give.
inline std::unique_ptr<Schedule> make_graph(const std::string& json, std::int64_t nodes,
                                            std::uint64_t seed = 1) {
  const auto chosen = Schedule::registry().read(Config::parse(json, "graph"));
  return chosen.make({nodes, seed, &chosen.common()});
}

inline MixingMatrix make_matrix(const std::string& json, std::int64_t nodes,
                                std::uint64_t seed = 1) {
  return matrix_of(*make_graph(json, nodes, seed), 0);
}

inline std::unique_ptr<Weights> make_weights(const std::string& json) {
  return Weights::registry().read(Config::parse(json, "weights")).make();
}

inline std::vector<Uid> list(std::span<const Uid> uids) { return {uids.begin(), uids.end()}; }

/// 1 − the spectral gap.
inline double rho(const MixingMatrix& w) { return 1 - spectrum(w).spectral_gap.value(); }

/// Every undirected edge once, lower uid first.
inline std::vector<std::pair<Uid, Uid>> edges_of(const Graph& graph) {
  std::vector<std::pair<Uid, Uid>> edges;
  for (Uid node = 0; node < graph.nodes(); ++node) {
    for (const Uid neighbor : graph.neighbors(node)) {
      if (node < neighbor) edges.emplace_back(node, neighbor);
    }
  }
  return edges;
}

/// How often each edge came in many regular graphs of the same degree.
class EdgeCounts {
 public:
  EdgeCounts(std::int64_t nodes, std::int64_t degree) : nodes_(nodes), degree_(degree) {}

  void add(const Graph& graph) {
    for (const auto& edge : edges_of(graph)) ++counts_[edge];
    ++draws_;
  }

  /// χ² of `freedom()` degrees, if every edge is there with p = d / (n − 1): that all degrees are d
  /// binds n of the n (n − 1) / 2 counts, so that the variance p (1 − p) of each lies in fewer
  /// directions.
  double chi() const {
    const double pairs = double(nodes_ * (nodes_ - 1)) / 2;
    const double p = double(degree_) / double(nodes_ - 1);
    double squares = (pairs - double(counts_.size())) * draws_ * p * draws_ * p;  // never seen
    for (const auto& [edge, count] : counts_) {
      squares += (count - draws_ * p) * (count - draws_ * p);
    }
    return squares * freedom() / pairs / (draws_ * p * (1 - p));
  }

  double freedom() const { return double(nodes_ * (nodes_ - 3)) / 2; }

 private:
  std::int64_t nodes_, degree_;
  double draws_ = 0;
  std::map<std::pair<Uid, Uid>, double> counts_;
};

constexpr double kChi35 = 66.6;  ///< which χ² of 35 degrees exceeds with probability 0.001

/// A test whose current folder is its own, so that messages show short names.
class WithGraphFiles : public WithFolder {
 protected:
  void SetUp() override { std::filesystem::current_path(folder_); }
  void TearDown() override { std::filesystem::current_path(back_); }

 private:
  const std::filesystem::path back_ = std::filesystem::current_path();
};

}  // namespace kith
