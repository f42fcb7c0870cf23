#include "node/activation.h"

namespace kith {

Registry<Activation>& Activation::registry() {
  static Registry<Activation> registry("activation");
  return registry;
}

}  // namespace kith
