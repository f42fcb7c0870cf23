#include "node/push_sum.h"

#include "kernels/mix.h"

namespace kith {

void set_ratio(Node& self, ConstArrayView numerator_and_weight) {
  const ConstArrayView x = numerator_of(numerator_and_weight);
  const float w = numerator_and_weight.data[x.size];
  if (!(w > 0)) {
    throw NumericError("push-sum's weight has come to " + std::to_string(w) +
                       ", and nothing can be divided by it; the graph's weights must not be "
                       "negative, and every node must keep a part of its own");
  }
  kernels::mix(1 / w, x, {}, self.overwrite_x());
  self.report("push_weight", w);
}

}  // namespace kith
