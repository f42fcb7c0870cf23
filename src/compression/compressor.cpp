#include "compression/compressor.h"

#include <cmath>

#include "kernels/vector_ops.h"

namespace kith {
Registry<Compressor, const Compressor::Context&>& Compressor::registry() {
  static Registry<Compressor, const Context&> registry("compressor");
  return registry;
}

Compressed& message_room(const Device& device) {
  thread_local std::unique_ptr<Compressed> room;
  if (!room || room->device() != device) room = std::make_unique<Compressed>(device);
  return *room;
}

void require_finite(ConstArrayView x) {
  if (!kernels::all_finite(x)) require_finite(NAN);
}

void require_finite(double sum) {
  if (std::isfinite(sum)) return;
  throw NumericError("a vector to be sent is not finite; a smaller learning rate may help");
}

}  // namespace kith
