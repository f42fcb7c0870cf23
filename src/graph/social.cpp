#include <array>

#include "graph/stored_schedule.h"
#include "graph/topology_facts.h"

namespace kith {
namespace {

/// Eighteen women of Natchez, Mississippi, and the fourteen events at which they met in the 1930s
/// (Davis, Gardner & Gardner, "Deep South", 1941). Nodes 0..17 are the women, 18..31 the events;
/// a woman talks to the events that she went to.
class Social final : public StoredSchedule {
 public:
  using Params = NoParams;

  Social(Params, const Context& context) : StoredSchedule(graph(context.nodes), context) {}

 private:
  static Graph graph(std::int64_t nodes) {
    // The events of each woman, counted from 1, as the book's table has them.
    static const std::array<std::vector<Uid>, 18> kEvents{{{1, 2, 3, 4, 5, 6, 8, 9},
                                                           {1, 2, 3, 5, 6, 7, 8},
                                                           {2, 3, 4, 5, 6, 7, 8, 9},
                                                           {1, 3, 4, 5, 6, 7, 8},
                                                           {3, 4, 5, 7},
                                                           {3, 5, 6, 8},
                                                           {5, 6, 7, 8},
                                                           {6, 8, 9},
                                                           {5, 7, 8, 9},
                                                           {7, 8, 9, 12},
                                                           {8, 9, 10, 12},
                                                           {8, 9, 10, 12, 13, 14},
                                                           {7, 8, 9, 10, 12, 13, 14},
                                                           {6, 7, 9, 10, 11, 12, 13, 14},
                                                           {7, 8, 10, 11, 12},
                                                           {8, 9},
                                                           {9, 11},
                                                           {9, 11}}};
    constexpr std::int64_t kNodes = 32;
    if (nodes != kNodes) {
      throw ConfigError("/graph: the social graph has 32 nodes, got " + std::to_string(nodes) +
                        "; set nodes to 32");
    }
    std::vector<Edge> edges;
    for (std::size_t woman = 0; woman < kEvents.size(); ++woman) {
      for (const Uid event : kEvents[woman]) {
        edges.push_back({static_cast<Uid>(woman), static_cast<Uid>(kEvents.size()) + event - 1});
      }
    }
    return Graph::undirected(kNodes, edges);
  }
};

const Register<Schedule, Social> registered{
    "social", "Davis' Southern Women: 18 women and the 14 events at which they met",
    TopologyFacts{.degree = "2 to 14",
                  .spectral_gap = "0.0821",
                  .source = "Davis, Gardner & Gardner, Deep South, 1941; Koloskova, Lin, Stich & "
                            "Jaggi, ICLR 2020 (arXiv:1907.09356) train on it",
                  .example = "--nodes 32"}};

}  // namespace
}  // namespace kith
