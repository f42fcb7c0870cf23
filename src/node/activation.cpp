#include "node/activation.h"

namespace kith {

Registry<Activation>& Activation::registry() {
  static Registry<Activation> registry("activation");
  return registry;
}

void refuse_delays(const Activation& activation, const std::string& protocol) {
  if (activation.most_delay() == 0) return;
  throw ConfigError("/node/activation: " + protocol +
                    " has no late gradients: the delay of every event must be 0");
}

}  // namespace kith
