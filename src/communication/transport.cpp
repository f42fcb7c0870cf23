#include "communication/transport.h"

namespace kith {

Registry<Transport>& Transport::registry() {
  static Registry<Transport> registry("communication");
  return registry;
}

}  // namespace kith
