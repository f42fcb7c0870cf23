#include "compression/index_codec.h"

namespace kith {

Registry<IndexCodec>& IndexCodec::registry() {
  static Registry<IndexCodec> registry("index_codec");
  return registry;
}

}  // namespace kith
