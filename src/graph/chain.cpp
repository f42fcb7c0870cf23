#include "graph/stored_schedule.h"
#include "graph/topology_facts.h"

namespace kith {
namespace {

/// Node i talks to i − 1 and i + 1; the ends have one neighbor.
class Chain final : public StoredSchedule {
 public:
  using Params = NoParams;

  Chain(Params, const Context& context) : StoredSchedule(graph(context.nodes), context) {}

 private:
  static Graph graph(std::int64_t nodes) {
    std::vector<Edge> edges;
    for (Uid node = 0; node + 1 < nodes; ++node) edges.push_back({node, node + 1});
    return Graph::undirected(nodes, edges);
  }
};

const Register<Schedule, Chain> registered{
    "chain", "a ring that is cut open",
    TopologyFacts{
        .degree = "2, and 1 at the ends",
        .spectral_gap = "2/3 · (1 − cos(π/n)) for n ≥ 3; ~ π²/(3n²)",
        .source =
            "compared with others in Nedić, Olshevsky & Rabbat, Proc. IEEE 2018 (arXiv:1709.08765)",
        .example = "--nodes 16"}};

}  // namespace
}  // namespace kith
