#include "graph/lattice.h"
#include "graph/stored_schedule.h"
#include "graph/topology_facts.h"

namespace kith {
namespace {

/// A grid whose rows and columns are rings. A side of two has single edges, a side of one has none.
class Torus final : public StoredSchedule {
 public:
  using Params = LatticeParams;

  Torus(Params params, const Context& context)
      : StoredSchedule(lattice(params, context.nodes, true), context) {}
};

const Register<Schedule, Torus> registered{
    "torus", "a grid whose rows and columns close to rings",
    TopologyFacts{
        .degree = "4 for min(a, b) ≥ 3",
        .spectral_gap = "2/5 · (1 − cos(2π/max(a, b))) for min(a, b) ≥ 3; ~ 4π²/(5n) for a = b",
        .source = "Koloskova, Stich & Jaggi, ICML 2019 (arXiv:1902.00340) train on it",
        .example = "--nodes 36"}};

}  // namespace
}  // namespace kith
