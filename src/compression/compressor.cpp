#include "compression/compressor.h"

#include <cmath>

#include "core/per_device.h"
#include "kernels/vector_ops.h"

namespace kith {
Registry<Compressor, const Compressor::Context&>& Compressor::registry() {
  static Registry<Compressor, const Context&> registry("compressor");
  return registry;
}

std::shared_ptr<const Meaning> Compressed::carried(Carrier& carrier) const {
  const auto there = std::make_shared<Compressed>();
  there->head = head;
  there->packed = packed.carried(carrier);
  there->indices = indices.carried(carrier);
  there->values = values.carried(carrier);
  return there;
}

Compressed& message_room(const Device& device) {
  thread_local PerDevice<Compressed> rooms;
  return rooms.of(device);
}

void require_finite(ConstArrayView x) {
  if (!kernels::all_finite(x)) require_finite(NAN);
}

void require_finite(double sum) {
  if (std::isfinite(sum)) return;
  throw NumericError("a vector to be sent is not finite; a smaller learning rate may help");
}

}  // namespace kith
