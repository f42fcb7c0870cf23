#include "graph/lattice.h"
#include "graph/stored_schedule.h"

namespace kith {
namespace {

/// A grid whose rows and columns are rings. A side of two has single edges, a side of one has none.
class Torus final : public StoredSchedule {
 public:
  using Params = LatticeParams;

  Torus(Params params, const Context& context)
      : StoredSchedule(lattice(params, context.nodes, true), context) {}
};

const Register<Schedule, Torus> registered{"torus", "a grid whose rows and columns close to rings"};

}  // namespace
}  // namespace kith
