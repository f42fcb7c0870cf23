#include "graph/stored_schedule.h"
#include "graph/topology_facts.h"

namespace kith {
namespace {

/// Two sides; every node talks to all of the other side, and to nobody of its own.
class CompleteBipartite final : public StoredSchedule {
 public:
  struct Params {
    std::optional<std::int64_t> left;

    void fields(Fields& f) {
      f.optional("left", left, "nodes on the side of node 0; by default half of all",
                 Range{.at_least = 1});
    }
  };

  CompleteBipartite(Params params, const Context& context)
      : StoredSchedule(graph(context.nodes, params.left.value_or(context.nodes / 2)), context) {}

 private:
  static Graph graph(std::int64_t nodes, std::int64_t left) {
    if (nodes < 2) throw ConfigError("/graph: two sides need at least 2 nodes, got 1");
    if (left >= nodes) {
      throw ConfigError("/graph/left: must be below the number of nodes, " + std::to_string(nodes) +
                        ", got " + std::to_string(left));
    }
    std::vector<Edge> edges;
    edges.reserve(std::size_t(left * (nodes - left)));
    for (Uid a = 0; a < left; ++a) {
      for (auto b = static_cast<Uid>(left); b < nodes; ++b) edges.push_back({a, b});
    }
    return Graph::undirected(nodes, edges);
  }
};

const Register<Schedule, CompleteBipartite> registered{
    "complete_bipartite", "two sides; everybody talks to all of the other",
    TopologyFacts{.degree = "the size of the other side",
                  .spectral_gap = "min(a, b − a + 2)/(b + 1) for a ≤ b and b ≥ 2",
                  .source = "classical",
                  .example = "--nodes 12"}};

}  // namespace
}  // namespace kith
