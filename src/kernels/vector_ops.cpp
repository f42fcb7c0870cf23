#include "kernels/vector_ops.h"

#include "kernels/level.h"

namespace kith::kernels {

namespace generic {
decltype(kernels::subtract) subtract;
decltype(kernels::add_scaled) add_scaled;
decltype(kernels::all_finite) all_finite;
decltype(kernels::max_abs) max_abs;
decltype(kernels::add_to_mean) add_to_mean;
decltype(kernels::squared_distance) squared_distance;
}  // namespace generic
namespace v3 {
decltype(kernels::subtract) subtract;
decltype(kernels::add_scaled) add_scaled;
decltype(kernels::all_finite) all_finite;
decltype(kernels::max_abs) max_abs;
decltype(kernels::add_to_mean) add_to_mean;
decltype(kernels::squared_distance) squared_distance;
}  // namespace v3

void subtract(ConstArrayView a, ConstArrayView b, ArrayView out) {
  at_level(generic::subtract, v3::subtract)(a, b, out);
}

void add_scaled(ConstArrayView x, float scale, ConstArrayView y, ArrayView out) {
  at_level(generic::add_scaled, v3::add_scaled)(x, scale, y, out);
}

bool all_finite(ConstArrayView x) { return at_level(generic::all_finite, v3::all_finite)(x); }

float max_abs(ConstArrayView x) { return at_level(generic::max_abs, v3::max_abs)(x); }

void add_to_mean(ConstArrayView x, double* sum) {
  at_level(generic::add_to_mean, v3::add_to_mean)(x, sum);
}

double squared_distance(ConstArrayView x, const double* mean) {
  return at_level(generic::squared_distance, v3::squared_distance)(x, mean);
}

}  // namespace kith::kernels
