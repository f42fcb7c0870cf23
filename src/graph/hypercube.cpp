#include <bit>

#include "graph/stored_schedule.h"
#include "graph/topology_facts.h"

namespace kith {
namespace {

/// Two nodes talk if their numbers differ in one binary digit. Takes 2^D nodes, all of degree D.
class Hypercube final : public StoredSchedule {
 public:
  using Params = NoParams;

  Hypercube(Params, const Context& context) : StoredSchedule(graph(context.nodes), context) {}

 private:
  static Graph graph(std::int64_t nodes) {
    const auto floor = std::int64_t(std::bit_floor(std::uint64_t(nodes)));
    if (nodes != floor) {
      throw ConfigError("/graph: a hypercube has a power of two of nodes, got " +
                        std::to_string(nodes) + "; take " + std::to_string(floor) + " or " +
                        std::to_string(2 * floor));
    }
    std::vector<Edge> edges;
    edges.reserve(std::size_t(nodes * (std::bit_width(std::uint64_t(nodes)) - 1) / 2));
    for (Uid node = 0; node < nodes; ++node) {
      for (Uid bit = 1; bit < nodes; bit *= 2) {
        if ((node & bit) == 0) edges.push_back({node, node | bit});
      }
    }
    return Graph::undirected(nodes, edges);
  }
};

const Register<Schedule, Hypercube> registered{
    "hypercube", "joined where the binary numbers differ in one digit",
    TopologyFacts{.degree = "log2(n)",
                  .spectral_gap = "2/(1 + log2(n))",
                  .source = "classical",
                  .example = "--nodes 16"}};

}  // namespace
}  // namespace kith
