#include "sharing/sharing.h"

namespace kith {

Registry<Sharing, const Sharing::Context&>& Sharing::registry() {
  static Registry<Sharing, const Context&> registry("sharing");
  return registry;
}

}  // namespace kith
