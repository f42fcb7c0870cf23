#include "graph/lattice.h"
#include "graph/stored_schedule.h"

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
    "grid", "rows and columns; each node talks to those beside, above and below it"};

}  // namespace
}  // namespace kith
