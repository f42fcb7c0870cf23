#include "graph/stored_schedule.h"

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

const Register<Schedule, Star> registered{"star", "node 0 talks to all others"};

}  // namespace
}  // namespace kith
