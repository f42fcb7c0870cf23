#include "kernels/modulo.h"

namespace kith::kernels::KITH_LEVEL {

// Each takes a copy of its rule: what is reached through a reference might change with every store.

void to_half_steps(const HalfSteps& rule, ConstArrayView x, const std::uint32_t* words,
                   std::int32_t* half_steps) {
  const HalfSteps half_step = rule;
  std::int32_t* __restrict const out = half_steps;
  for (std::size_t i = 0; i < x.size; ++i) out[i] = half_step(x.data[i], words[i]);
}

void split_points(const ModuloParts& rule, std::span<const std::int32_t> half_steps,
                  std::uint8_t* codes, std::int32_t* highs, const Device&) {
  const ModuloParts part = rule;
  const std::int32_t* const in = half_steps.data();
  const std::size_t size = half_steps.size();
  std::uint8_t* __restrict const low = codes;
  std::int32_t* __restrict const high = highs;
  for (std::size_t i = 0; i < size; ++i) {
    low[i] = part.code(in[i]);
    high[i] = part.high(in[i]);
  }
}

void find_points(const NearPoint& rule, std::span<const std::int32_t> own_half_steps,
                 const std::uint8_t* codes, std::int32_t* differences, std::int32_t* highs,
                 const Device&) {
  const NearPoint near = rule;
  const std::int32_t* const own = own_half_steps.data();
  const std::size_t size = own_half_steps.size();
  std::int32_t* __restrict const difference = differences;
  std::int32_t* __restrict const high = highs;
  for (std::size_t i = 0; i < size; ++i) {
    const std::int32_t point = near(own[i], codes[i]);
    difference[i] = point - (own[i] >> 1);
    high[i] = point >> near.width;
  }
}

void add_integers(const std::int32_t* values, float scale, ArrayView out) {
  for (std::size_t i = 0; i < out.size; ++i) {
    out.data[i] = plus_weighted(out.data[i], scale, static_cast<float>(values[i]));
  }
}

std::int32_t largest_magnitude(std::span<const std::int32_t> values, const Device&) {
  const std::int32_t* const in = values.data();
  const std::size_t size = values.size();
  std::int32_t largest = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const std::int32_t magnitude = in[i] < 0 ? -in[i] : in[i];
    largest = magnitude > largest ? magnitude : largest;
  }
  return largest;
}

}  // namespace kith::kernels::KITH_LEVEL
