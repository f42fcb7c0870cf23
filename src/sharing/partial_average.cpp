#include "sharing/partial_average.h"

#include "kernels/mix.h"
#include "kernels/sparse.h"
#include "kernels/vector_ops.h"

namespace kith {

PartialAverage::PartialAverage(double own_weight, ConstArrayView own, ArrayView out)
    : own_(own), out_(out) {
  kernels::mix(static_cast<float>(own_weight), own, {}, out);
}

void PartialAverage::add(float weight, ConstArrayView whole) {
  kernels::add_scaled(out_, weight, whole, out_);
}

void PartialAverage::add(float weight, IndexView indices, ConstArrayView values) {
  kernels::scatter_add_difference(indices, weight, values, own_, out_);
}

}  // namespace kith
