#include "core/random.h"
#include "graph/stored_schedule.h"
#include "graph/topology_facts.h"

namespace kith {
namespace {

/// Growth with preferential attachment (Barabási & Albert, Science 1999).
///
/// A star of m + 1 nodes around node 0 comes first. Every node after them joins m different ones
/// that are already there, drawn with probabilities proportional to their degrees. m (n − m) edges
/// in all, and always connected.
class BarabasiAlbert final : public StoredSchedule {
 public:
  struct Params {
    std::int64_t m = 0;

    void fields(Fields& f) {
      f.required("m", m, "edges that each new node brings", Range{.at_least = 1});
    }
  };

  BarabasiAlbert(Params params, const Context& context)
      : StoredSchedule(graph(context.nodes, params.m, context.seed), context) {}

 private:
  static Graph graph(std::int64_t nodes, std::int64_t m, std::uint64_t seed) {
    if (m >= nodes) {
      throw ConfigError("/graph/m: must be below the number of nodes, " + std::to_string(nodes) +
                        ", got " + std::to_string(m));
    }
    if (m > std::numeric_limits<std::int32_t>::max() / nodes) {
      throw ConfigError("/graph/m: nodes times m must be below 2^31; make one of them smaller");
    }
    Random random(seed, Purpose::kGraph);
    std::vector<Edge> edges;
    edges.reserve(std::size_t(m * (nodes - m)));
    for (Uid leaf = 1; leaf <= m; ++leaf) edges.push_back({0, leaf});
    std::vector<Uid> last_chooser(std::size_t(nodes), 0);  // so that nobody is chosen twice
    for (auto node = static_cast<Uid>(m + 1); node < nodes; ++node) {
      const std::size_t ends = 2 * edges.size();
      for (std::int64_t chosen = 0; chosen < m;) {
        // An end of an edge drawn uniformly is a node drawn by its degree.
        const std::uint32_t end = random.below(std::uint32_t(ends));
        const Uid target = end % 2 == 0 ? edges[end / 2].from : edges[end / 2].to;
        if (last_chooser[std::size_t(target)] == node) continue;
        last_chooser[std::size_t(target)] = node;
        edges.push_back({node, target});
        ++chosen;
      }
    }
    return Graph::undirected(nodes, edges);
  }
};

const Register<Schedule, BarabasiAlbert> registered{
    "barabasi_albert", "grows by nodes that join those with many edges: degrees follow a power law",
    TopologyFacts{.degree = "2m·(n − m)/n on average",
                  .spectral_gap = "no closed form",
                  .source = "Barabási & Albert, Science 1999",
                  .example = "--nodes 200 --m 2"}};

}  // namespace
}  // namespace kith
