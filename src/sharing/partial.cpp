#include "sharing/change_sharing.h"

namespace kith {
namespace {

/// A node says the part α of its parameters that changed most ("PartialModel" and "TopK" in
/// decentralizepy). With α = 1 it is `full`.
class Partial final : public SteadyChangeSharing {
 public:
  using Params = SteadyChangeSharing::Params;

  Partial(const Params& params, const Context& context) : SteadyChangeSharing(params, context) {}
};

const Register<Sharing, Partial> registered{"partial", "the parameters that changed most"};

}  // namespace
}  // namespace kith
