#include "compression/value_codec.h"

namespace kith {

Registry<ValueCodec>& ValueCodec::registry() {
  static Registry<ValueCodec> registry("value_codec");
  return registry;
}

}  // namespace kith
