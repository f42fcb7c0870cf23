#include "kernels/norms.h"

#include "kernels/level.h"

namespace kith::kernels {

namespace generic {
decltype(kernels::absolute_sum) absolute_sum;
decltype(kernels::dot) dot;
decltype(kernels::extent) extent;
}  // namespace generic
namespace v3 {
decltype(kernels::absolute_sum) absolute_sum;
decltype(kernels::dot) dot;
decltype(kernels::extent) extent;
}  // namespace v3

double absolute_sum(ConstArrayView x) {
  return at_level(generic::absolute_sum, v3::absolute_sum)(x);
}

double dot(ConstArrayView a, ConstArrayView b) { return at_level(generic::dot, v3::dot)(a, b); }

Extent extent(ConstArrayView x) { return at_level(generic::extent, v3::extent)(x); }

}  // namespace kith::kernels
