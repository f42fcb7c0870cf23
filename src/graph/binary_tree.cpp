#include "graph/stored_schedule.h"
#include "graph/topology_facts.h"

namespace kith {
namespace {

/// Node i > 0 talks to its parent (i − 1) / 2: the tree that a heap lays in an array.
class BinaryTree final : public StoredSchedule {
 public:
  using Params = NoParams;

  BinaryTree(Params, const Context& context) : StoredSchedule(graph(context.nodes), context) {}

 private:
  static Graph graph(std::int64_t nodes) {
    std::vector<Edge> edges;
    for (Uid node = 1; node < nodes; ++node) edges.push_back({(node - 1) / 2, node});
    return Graph::undirected(nodes, edges);
  }
};

const Register<Schedule, BinaryTree> registered{
    "binary_tree", "a tree of which node i has parent (i - 1) / 2",
    TopologyFacts{.degree = "1 to 3",
                  .spectral_gap = "~ 1/(4n) for n + 1 a power of 2",
                  .source = "classical",
                  .example = "--nodes 31"}};

}  // namespace
}  // namespace kith
