#include "training/optimizer.h"

namespace kith {

Registry<Optimizer>& Optimizer::registry() {
  static Registry<Optimizer> registry("training");
  return registry;
}

}  // namespace kith
