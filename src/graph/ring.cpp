#include "graph/stored_schedule.h"
#include "graph/topology_facts.h"

namespace kith {
namespace {

/// Node i talks to i − 1 and i + 1 (mod n). One node has no neighbor, and two share one edge.
class Ring final : public StoredSchedule {
 public:
  using Params = NoParams;

  Ring(Params, const Context& context) : StoredSchedule(graph(context.nodes), context) {}

 private:
  static Graph graph(std::int64_t nodes) {
    std::vector<Edge> edges;
    for (Uid node = 0; node + 1 < nodes; ++node) edges.push_back({node, node + 1});
    if (nodes > 2) edges.push_back({static_cast<Uid>(nodes - 1), 0});
    return Graph::undirected(nodes, edges);
  }
};

const Register<Schedule, Ring> registered{
    "ring", "each node talks to the one before and after it",
    TopologyFacts{.degree = "2 for n ≥ 3",
                  .spectral_gap = "2/3 · (1 − cos(2π/n)) for n ≥ 3; ~ 4π²/(3n²)",
                  .source = "Lian et al., NeurIPS 2017 (arXiv:1705.09056) train on it",
                  .example = "--nodes 16"}};

}  // namespace
}  // namespace kith
