#include "core/portable_math.h"
#include "training/learning_rate.h"

namespace kith {
namespace {

/// factor^⌊t / every⌋ after t steps, as PyTorch's StepLR.
class Step final : public LearningRate {
 public:
  struct Params {
    std::int64_t every = 0;
    double factor = 0;

    void fields(Fields& f) {
      f.required("every", every, "local steps between two changes", Range{.at_least = 1});
      f.required("factor", factor, "what each change multiplies the learning rate by",
                 Range{.above = 0});
    }
  };

  explicit Step(const Params& params) : params_(params) {}

  double factor(std::int64_t steps_done) const override {
    return portable::power(params_.factor, steps_done / params_.every);
  }

 private:
  Params params_;
};

const Register<LearningRate, Step> registered{"step", "multiplied by a factor every so many steps"};

}  // namespace
}  // namespace kith
