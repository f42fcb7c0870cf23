#include "node/protocol.h"

namespace kith {

Registry<Protocol>& Protocol::registry() {
  static Registry<Protocol> registry("node");
  return registry;
}

}  // namespace kith
