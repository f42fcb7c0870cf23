#include "graph/stored_schedule.h"

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

const Register<Schedule, Chain> registered{"chain", "a ring that is cut open"};

}  // namespace
}  // namespace kith
