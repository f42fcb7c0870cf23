#include "training/learning_rate.h"

namespace kith {
namespace {

/// A linear rise, (t + 1) / steps after t steps, so that the last step of the warm-up has the full
/// learning rate; then the schedule `then`, which counts its steps from there.
class Warmup final : public LearningRate {
 public:
  struct Params {
    std::int64_t steps = 0;
    Blueprint<LearningRate> then = registry().standard("constant");

    void fields(Fields& f) {
      f.required("steps", steps, "local steps of the rise", Range{.at_least = 1});
      f.optional("then", then, "the schedule after the rise");
    }
  };

  explicit Warmup(const Params& params) : steps_(params.steps), then_(params.then.make()) {}

  double factor(std::int64_t steps_done) const override {
    if (steps_done < steps_) return double(steps_done + 1) / double(steps_);
    return then_->factor(steps_done - steps_);
  }

 private:
  std::int64_t steps_;
  std::unique_ptr<LearningRate> then_;
};

const Register<LearningRate, Warmup> registered{"warmup", "rises linearly, then another schedule"};

}  // namespace
}  // namespace kith
