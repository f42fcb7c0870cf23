#include "communication/transport.h"

namespace kith {

Registry<Transport, const Transport::Context&>& Transport::registry() {
  static Registry<Transport, const Context&> registry("communication");
  return registry;
}

}  // namespace kith
