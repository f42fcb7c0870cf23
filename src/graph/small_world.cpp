#include <string>

#include "core/random.h"
#include "graph/edge_set.h"
#include "graph/stored_schedule.h"
#include "graph/topology_facts.h"

namespace kith {
namespace {

/// A ring lattice with shortcuts (Watts & Strogatz, Nature 1998).
///
/// Every node is joined to its k nearest nodes on a ring. Then, lap by lap, each edge to the node
/// 1, 2, …, k/2 places ahead keeps its near end, and with probability β its far end moves to a node
/// drawn uniformly from those that the near end is not joined to. n k / 2 edges stay. Graphs that
/// are not connected are thrown away whole, so that no edge has to be added.
class SmallWorld final : public StoredSchedule {
 public:
  struct Params {
    std::int64_t k = 0;
    double beta = 0;

    void fields(Fields& f) {
      f.required("k", k, "neighbors in all, on the ring before rewiring; even",
                 Range{.at_least = 2});
      f.required("beta", beta, "β, the probability that an edge is rewired",
                 Range{.at_least = 0, .at_most = 1});
      f.check(k % 2 == 0, "k", "must be even, half of it on each side, got " + std::to_string(k));
    }
  };

  SmallWorld(Params params, const Context& context)
      : StoredSchedule(graph(params, context.nodes, context.seed), context) {}

 private:
  static constexpr int kMostTries = 100;

  static Graph graph(const Params& params, std::int64_t nodes, std::uint64_t seed) {
    if (params.k >= nodes) {
      throw ConfigError("/graph/k: must be below the number of nodes, " + std::to_string(nodes) +
                        ", got " + std::to_string(params.k));
    }
    Random random(seed, Purpose::kGraph);
    for (int tries = 0; tries < kMostTries; ++tries) {
      Graph graph = Graph::undirected(nodes, rewired_lattice(params, nodes, random));
      if (graph.connected()) return graph;
    }
    throw ConfigError("/graph: none of " + std::to_string(kMostTries) + " small worlds of " +
                      std::to_string(nodes) + " nodes with k " + std::to_string(params.k) +
                      " and beta " + json_number(params.beta) +
                      " was connected; take a larger k or a smaller beta");
  }

  static std::vector<Edge> rewired_lattice(const Params& params, std::int64_t nodes,
                                           Random& random) {
    const auto n = static_cast<Uid>(nodes);
    std::vector<Edge> edges;
    edges.reserve(std::size_t(nodes * params.k / 2));
    EdgeSet joined(std::size_t(nodes * params.k / 2));
    std::vector<std::int64_t> degrees(std::size_t(nodes), params.k);
    for (std::int64_t lap = 1; lap <= params.k / 2; ++lap) {
      for (Uid node = 0; node < n; ++node) {
        edges.push_back({node, static_cast<Uid>((node + lap) % nodes)});
        joined.insert(node, edges.back().to);
      }
    }
    for (auto& [near, far] : edges) {
      if (random.uniform() >= params.beta) continue;
      if (degrees[std::size_t(near)] == nodes - 1) continue;  // joined to all: nowhere to go
      Uid target = near;
      while (target == near || joined.contains(near, target)) {
        target = static_cast<Uid>(random.below(static_cast<std::uint32_t>(n)));
      }
      joined.erase(near, far);
      joined.insert(near, target);
      --degrees[std::size_t(far)];
      ++degrees[std::size_t(target)];
      far = target;
    }
    return edges;
  }
};

const Register<Schedule, SmallWorld> registered{
    "small_world", "Watts-Strogatz: a ring lattice with shortcuts",
    TopologyFacts{
        .degree = "k on average",
        .spectral_gap =
            "1 − sin((k + 1)·π/n)/((k + 1)·sin(π/n)) for β = 0 and k ≤ n/2; shortcuts widen it",
        .source = "Watts & Strogatz, Nature 1998",
        .example = "--nodes 64 --k 4 --beta 0.1"}};

}  // namespace
}  // namespace kith
