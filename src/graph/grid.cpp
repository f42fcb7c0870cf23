#include "graph/lattice.h"
#include "graph/stored_schedule.h"
#include "graph/topology_facts.h"

namespace kith {
namespace {

/// Nodes in rows and columns; those on the border have fewer neighbors.
class Grid final : public StoredSchedule {
 public:
  using Params = LatticeParams;

  Grid(Params params, const Context& context)
      : StoredSchedule(lattice(params, context.nodes, false), context) {}
};

const Register<Schedule, Grid> registered{
    "grid", "rows and columns; each node talks to those beside, above and below it",
    TopologyFacts{
        .degree = "2 to 4",
        .spectral_gap = "~ π²/(5n) for a = b",
        .source =
            "compared with others in Nedić, Olshevsky & Rabbat, Proc. IEEE 2018 (arXiv:1709.08765)",
        .example = "--nodes 36"}};

}  // namespace
}  // namespace kith
