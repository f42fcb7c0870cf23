#include "kernels/block_sum_cpu.h"
#include "kernels/magnitude.h"
#include "kernels/norms.h"

namespace kith::kernels::KITH_LEVEL {

double absolute_sum(ConstArrayView x) {
  const float* const data = x.data;
  return block_sum(
      x.size, [=](std::size_t i) { return double(__builtin_bit_cast(float, magnitude(data[i]))); });
}

double dot(ConstArrayView a, ConstArrayView b) {
  return block_sum(a.size, [left = a.data, right = b.data](std::size_t i) {
    return double(left[i]) * double(right[i]);
  });
}

double squared_difference(ConstArrayView a, ConstArrayView b) {
  return block_sum(a.size, [left = a.data, right = b.data](std::size_t i) {
    const double difference = double(left[i]) - double(right[i]);
    return difference * difference;
  });
}

Extent extent(ConstArrayView x) {
  if (x.size == 0) return {0, 0};
  std::int32_t low = INT32_MAX, high = INT32_MIN;
  for (std::size_t i = 0; i < x.size; ++i) {
    const std::int32_t element = in_order(__builtin_bit_cast(std::int32_t, x.data[i]));
    low = element < low ? element : low;
    high = element > high ? element : high;
  }
  return {__builtin_bit_cast(float, in_order(low)), __builtin_bit_cast(float, in_order(high))};
}

}  // namespace kith::kernels::KITH_LEVEL
