#include "graph/stored_schedule.h"
#include "graph/topology_facts.h"

namespace kith {
namespace {

/// Node 0 talks to all others, and they to nobody else.
class Star final : public StoredSchedule {
 public:
  using Params = NoParams;

  Star(Params, const Context& context) : StoredSchedule(graph(context.nodes), context) {}

 private:
  static Graph graph(std::int64_t nodes) {
    std::vector<Edge> edges;
    for (Uid node = 1; node < nodes; ++node) edges.push_back({0, node});
    return Graph::undirected(nodes, edges);
  }
};

const Register<Schedule, Star> registered{
    "star", "node 0 talks to all others",
    TopologyFacts{
        .degree = "n − 1 for the center, 1 for the others",
        .spectral_gap = "1/n for n ≥ 3",
        .source =
            "compared with others in Nedić, Olshevsky & Rabbat, Proc. IEEE 2018 (arXiv:1709.08765)",
        .example = "--nodes 16"}};

}  // namespace
}  // namespace kith
