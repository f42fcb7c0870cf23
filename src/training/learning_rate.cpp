#include "training/learning_rate.h"

namespace kith {

Registry<LearningRate>& LearningRate::registry() {
  static Registry<LearningRate> registry("schedule");
  return registry;
}

}  // namespace kith
