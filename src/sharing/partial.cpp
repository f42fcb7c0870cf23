#include "sharing/change_sharing.h"

namespace kith {
namespace {

/// A node says the part α of its parameters that changed most ("PartialModel" and "TopK" in
/// decentralizepy). With α = 1 it is `full`.
class Partial final : public ChangeSharing {
 public:
  struct Params : ChangeSharing::Params {
    double alpha = 0;

    void fields(Fields& f) {
      f.required("alpha", alpha, "α, the part of the parameters that a message has",
                 Range{.above = 0, .at_most = 1});
      ChangeSharing::Params::fields(f);
    }
  };

  Partial(const Params& params, const Context& context)
      : ChangeSharing(params, context), alpha_(params.alpha) {}

 private:
  double alpha(Uid, Round) const override { return alpha_; }

  double alpha_;
};

const Register<Sharing, Partial> registered{"partial", "the parameters that changed most"};

}  // namespace
}  // namespace kith
