#include "node/push_sum.h"

#include "core/device_memory.h"
#include "kernels/mix.h"

namespace kith {

float weight_of(ConstArrayView numerator_and_weight) {
  const float w = last_of(numerator_and_weight);
  if (!(w > 0)) {
    throw NumericError("push-sum's weight has come to " + std::to_string(w) +
                       ", and nothing can be divided by it; the graph's weights must not be "
                       "negative, and every node must keep a part of its own");
  }
  return w;
}

void set_ratio(Node& self, ConstArrayView numerator_and_weight, float w) {
  kernels::mix(1 / w, numerator_of(numerator_and_weight), {}, self.overwrite_x());
  self.report("push_weight", w);
}

}  // namespace kith
