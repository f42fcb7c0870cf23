#include "compression/byte_codec.h"

namespace kith {

Registry<ByteCodec>& ByteCodec::registry() {
  static Registry<ByteCodec> registry("byte_codec");
  return registry;
}

}  // namespace kith
