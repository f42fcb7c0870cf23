#include <algorithm>
#include <numbers>

#include "core/portable_math.h"
#include "training/learning_rate.h"

namespace kith {
namespace {

/// Half a period of a cosine from 1 down to `floor` (Loshchilov & Hutter, ICLR 2017,
/// arXiv:1608.03983): floor + (1 − floor) · (1 + cos(π t / steps)) / 2 after t steps, the closed
/// form of PyTorch's CosineAnnealingLR. After `steps` it stays at `floor`, where PyTorch's rises.
class Cosine final : public LearningRate {
 public:
  struct Params {
    std::int64_t steps = 0;
    double floor = 0;

    void fields(Fields& f) {
      f.required("steps", steps, "local steps until the floor is reached", Range{.at_least = 1});
      f.optional("floor", floor, "the last learning rate, as a part of lr",
                 Range{.at_least = 0, .at_most = 1});
    }
  };

  explicit Cosine(const Params& params) : params_(params) {}

  double factor(std::int64_t steps_done) const override {
    const double part = double(std::min(steps_done, params_.steps)) / double(params_.steps);
    const double wave = (1 + portable::cos(std::numbers::pi * part)) / 2;
    return params_.floor + (1 - params_.floor) * wave;
  }

 private:
  Params params_;
};

const Register<LearningRate, Cosine> registered{"cosine", "falls along half a cosine to a floor"};

}  // namespace
}  // namespace kith
