#include <cmath>
#include <string>

#include "core/portable_math.h"
#include "core/random.h"
#include "graph/round_up.h"
#include "graph/stored_schedule.h"
#include "graph/topology_facts.h"

namespace kith {
namespace {

/// Every pair of nodes is joined with probability p, independently (Erdős & Rényi 1959; Gilbert
/// 1959). Graphs that are not connected are thrown away whole, so that the degrees keep their law
/// given connectedness. The pairs that are not joined are skipped in one step: how many lie before
/// the next edge is geometric (Batagelj & Brandes, "Efficient generation of large random networks",
/// 2005).
class ErdosRenyi final : public StoredSchedule {
 public:
  struct Params {
    double p = 0;

    void fields(Fields& f) {
      f.required("p", p, "the probability that two nodes are joined",
                 Range{.above = 0, .at_most = 1});
    }
  };

  ErdosRenyi(Params params, const Context& context)
      : StoredSchedule(graph(context.nodes, params.p, context.seed), context) {}

 private:
  static constexpr int kMostTries = 100;

  static Graph graph(std::int64_t nodes, double p, std::uint64_t seed) {
    // Nodes without a neighbor are nearly Poisson: with so many expected, no try can succeed.
    constexpr double kHopeless = 50;
    const double isolated = double(nodes) * portable::power(1 - p, nodes - 1);
    Random random(seed, Purpose::kGraph);
    for (int tries = 0; tries < kMostTries && isolated < kHopeless; ++tries) {
      Graph graph = Graph::undirected(nodes, draw_edges(nodes, p, random));
      if (graph.connected()) return graph;
    }
    // At p = ln n / n, about one graph in e is connected.
    throw ConfigError("/graph/p: no random graph of " + std::to_string(nodes) + " nodes with p " +
                      json_number(p) + " was connected; take p of ln n / n or more: " +
                      rounded_up(portable::log(double(nodes)) / double(nodes)));
  }

  static std::vector<Edge> draw_edges(std::int64_t nodes, double p, Random& random) {
    if (p == 1) return complete(nodes);
    const double pairs = double(nodes) * double(nodes - 1) / 2;
    std::vector<Edge> edges;
    const double log_of_a_miss = portable::log(1 - p);
    // The pair (upper, lower), lower < upper, in the order of upper, then lower.
    std::int64_t upper = 1;
    std::int64_t lower = -1;
    for (double left = pairs; upper < nodes;) {
      const double misses = std::floor(portable::log(1 - random.uniform()) / log_of_a_miss);
      if (!(misses < left)) break;  // also where p is so small that the quotient is no number
      left -= misses + 1;
      lower += std::int64_t(misses) + 1;
      while (lower >= upper) lower -= upper++;
      edges.push_back({static_cast<Uid>(lower), static_cast<Uid>(upper)});
    }
    return edges;
  }

  static std::vector<Edge> complete(std::int64_t nodes) {
    std::vector<Edge> edges;
    for (Uid upper = 1; upper < nodes; ++upper) {
      for (Uid lower = 0; lower < upper; ++lower) edges.push_back({lower, upper});
    }
    return edges;
  }
};

const Register<Schedule, ErdosRenyi> registered{
    "erdos_renyi", "every pair is joined with one probability; drawn until connected",
    TopologyFacts{.degree = "p·(n − 1) on average",
                  .spectral_gap = "near 1 where n·p is far above ln n",
                  .source = "Erdős & Rényi, Publ. Math. 1959; Gilbert, Ann. Math. Stat. 1959",
                  .example = "--nodes 64 --p 0.1"}};

}  // namespace
}  // namespace kith
