#include "training/learning_rate.h"

namespace kith {
namespace {

/// The learning rate stays as it is.
class Constant final : public LearningRate {
 public:
  using Params = NoParams;

  explicit Constant(Params) {}

  double factor(std::int64_t) const override { return 1; }
};

const Register<LearningRate, Constant> registered{"constant", "the learning rate never changes"};

}  // namespace
}  // namespace kith
