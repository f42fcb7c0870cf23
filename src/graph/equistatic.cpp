#include <string>

#include "core/random.h"
#include "graph/stored_schedule.h"
#include "graph/topology_facts.h"

namespace kith {
namespace {

/// EquiStatic (Song et al., "Communication-efficient topologies for decentralized learning with
/// O(1) consensus rate", NeurIPS 2022).
///
/// W is the mean of M basis matrices A^(a) = I/n + ((n − 1)/n) P^a, where P^a makes node i hear
/// i + a (mod n) and the offsets a are drawn from 1..n−1 with replacement. It is a circulant
/// matrix, doubly stochastic though directed; U-EquiStatic is (W + Wᵀ) / 2. Offsets whose graph is
/// not connected are thrown away whole.
class Equistatic final : public StoredSchedule {
 public:
  struct Params {
    std::int64_t degree = 0;
    bool directed = false;

    void fields(Fields& f) {
      f.required("degree", degree,
                 "M, the basis graphs drawn: a node hears at most so many, or twice as many where "
                 "undirected",
                 Range{.at_least = 1});
      f.optional("directed", directed, "D-EquiStatic; else U-EquiStatic, which is symmetric");
    }
  };

  Equistatic(Params params, const Context& context)
      : StoredSchedule(matrix(params, context.nodes, context.seed), context) {}

 private:
  static constexpr int kMostTries = 1'000;

  static MixingMatrix matrix(const Params& params, std::int64_t nodes, std::uint64_t seed) {
    const std::size_t n = std::size_t(nodes);
    if (nodes > 1 && params.degree >= nodes) {
      throw ConfigError("/graph/degree: must be below the number of nodes, " +
                        std::to_string(nodes) + ", got " + std::to_string(params.degree));
    }
    Random random(seed, Purpose::kGraph);
    for (int tries = 0; tries < kMostTries; ++tries) {
      const std::vector<double> shares = draw_shares(params, n, random);
      Graph graph = circulant(nodes, shares);
      if (!graph.connected()) continue;
      return stochastic_matrix(std::move(graph), [&shares, n](Uid i, Uid j) {
        return shares[(std::size_t(j) + n - std::size_t(i)) % n];
      });
    }
    throw ConfigError("/graph/degree: none of " + std::to_string(kMostTries) +
                      " graphs of degree " + std::to_string(params.degree) + " and " +
                      count_of(std::uint64_t(nodes), "node") +
                      " was connected; take a larger degree");
  }

  /// What a node puts on the one a places ahead: ((n − 1)/n) times the share of offset a.
  static std::vector<double> draw_shares(const Params& params, std::size_t n, Random& random) {
    std::vector<double> shares(n);
    if (n == 1) return shares;
    std::vector<int> counts(n);
    for (std::int64_t m = 0; m < params.degree; ++m) {
      ++counts[1 + random.below(std::uint32_t(n - 1))];
    }
    const double unit = double(n - 1) / double(n) / double(params.degree);
    for (std::size_t a = 1; a < n; ++a) {
      shares[a] = params.directed ? unit * counts[a] : unit * (counts[a] + counts[n - a]) / 2;
    }
    return shares;
  }

  static Graph circulant(std::int64_t nodes, const std::vector<double>& shares) {
    std::vector<Edge> edges;
    for (std::int64_t a = 1; a < nodes; ++a) {
      if (shares[std::size_t(a)] == 0) continue;
      for (std::int64_t node = 0; node < nodes; ++node) {
        edges.push_back({static_cast<Uid>((node + a) % nodes), static_cast<Uid>(node)});
      }
    }
    return Graph::directed(nodes, edges);
  }
};

const Register<Schedule, Equistatic> registered{
    "equistatic", "EquiStatic: random offsets whose mixing hardly depends on the number of nodes",
    TopologyFacts{
        .degree = "at most M directed, 2M undirected",
        .spectral_gap =
            "any constant below 1, whatever n, for M of the order of ln n; with high probability",
        .source = "Song, Li, Jin, Shi, Yan, Yin & Yuan, NeurIPS 2022 (arXiv:2210.07881)",
        .example = "--nodes 24 --degree 4"}};

}  // namespace
}  // namespace kith
