#include "kernels/arithmetic.h"
#include "kernels/sparse.h"

namespace kith::kernels::KITH_LEVEL {

void gather(ConstArrayView x, std::span<const std::uint32_t> indices, ArrayView values) {
  const std::uint32_t* const index = indices.data();
  for (std::size_t k = 0; k < values.size; ++k) values.data[k] = x.data[index[k]];
}

void scatter(std::span<const std::uint32_t> indices, ConstArrayView values, ArrayView out) {
  const std::uint32_t* const index = indices.data();
  for (std::size_t k = 0; k < values.size; ++k) out.data[index[k]] = values.data[k];
}

void scatter_add(std::span<const std::uint32_t> indices, float scale, ConstArrayView values,
                 ArrayView out) {
  const std::uint32_t* const index = indices.data();
#pragma GCC ivdep
  for (std::size_t k = 0; k < values.size; ++k) {
    float& sum = out.data[index[k]];
    sum = plus_weighted(sum, scale, values.data[k]);
  }
}

void scatter_add_difference(std::span<const std::uint32_t> indices, float scale,
                            ConstArrayView values, ConstArrayView x, ArrayView out) {
  const std::uint32_t* const index = indices.data();
#pragma GCC ivdep
  for (std::size_t k = 0; k < values.size; ++k) {
    float& sum = out.data[index[k]];
    sum = plus_weighted(sum, scale, values.data[k] - x.data[index[k]]);
  }
}

}  // namespace kith::kernels::KITH_LEVEL
