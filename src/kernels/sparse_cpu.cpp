#include "kernels/arithmetic.h"
#include "kernels/magnitude.h"
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

void copy_at(std::span<const std::uint32_t> indices, ConstArrayView x, ArrayView out) {
  const std::uint32_t* const index = indices.data();
  const std::size_t size = indices.size();
  for (std::size_t k = 0; k < size; ++k) out.data[index[k]] = x.data[index[k]];
}

void shift_indices(std::span<std::uint32_t> indices, std::uint32_t by, const Device&) {
  std::uint32_t* const index = indices.data();
  const std::size_t size = indices.size();
  for (std::size_t k = 0; k < size; ++k) index[k] += by;
}

void reach_bits(ConstArrayView x, float least, std::uint8_t* bits) {
  const std::int32_t bound = magnitude(least);
  for (std::size_t i = 0; i < x.size; i += 8, ++bits) {
    const std::size_t count = x.size - i < 8 ? x.size - i : 8;
    unsigned byte = 0;
    for (std::size_t k = 0; k < count; ++k) {
      byte |= unsigned{magnitude(x.data[i + k]) >= bound} << k;
    }
    *bits = static_cast<std::uint8_t>(byte);
  }
}

}  // namespace kith::kernels::KITH_LEVEL
