#pragma once

#include <cstdint>
#include <span>

#include "core/array.h"
#include "kernels/arithmetic.h"

/// Moniqua's arithmetic (Lu & De Sa, ICML 2020): numbers as points of an even grid without ends, of
/// which only the lower bits travel, and are completed by who is near.
///
/// With z = x / step + shift, the point of x is n = ⌊z⌋: the nearest one for a shift of 1/2, and on
/// average x for a uniform shift. The upper bit that z has behind its point says in which half of a
/// step z is, and is kept beside n: ⌊2 z⌋ = 2 n + half.
namespace kith::kernels {

/// ⌊2 z⌋ for shift = word / 2^32; |2 z| is below 2^30.
struct HalfSteps {
  double per_number = 0;  ///< 2 / step

  KITH_INLINE std::int32_t operator()(float x, std::uint32_t word) const {
    return static_cast<std::int32_t>(floor(double{x} * per_number + double(word) * 0x1p-31));
  }
};

/// A point n in two parts: code + 2^width · high.
struct ModuloParts {
  unsigned width = 0;  ///< of a code, 1..8 bits

  KITH_INLINE std::uint8_t code(std::int32_t half_steps) const {
    return static_cast<std::uint8_t>((half_steps >> 1) & ((1 << width) - 1));
  }
  KITH_INLINE std::int32_t high(std::int32_t half_steps) const { return half_steps >> (1 + width); }
};

/// The point that has a code and is near: the only one in z − 1/2 + (−2^width / 2, 2^width / 2],
/// with the z of who looks for it. So a point within (2^width − 1) / 2 steps, its rounding not
/// counted, is found.
struct NearPoint {
  unsigned width = 0;

  KITH_INLINE std::int32_t operator()(std::int32_t own_half_steps, std::uint8_t code) const {
    const std::int32_t last = (own_half_steps >> 1) - 1 + (own_half_steps & 1) + (1 << (width - 1));
    return last - ((last - code) & ((1 << width) - 1));
  }
};

// Spans and pointers lie in the memory of the views beside them, or of `device`.

/// half_steps[i] = the rule of x_i and words[i]
void to_half_steps(const HalfSteps& rule, ConstArrayView x, const std::uint32_t* words,
                   std::int32_t* half_steps);

/// The parts of each point.
void split_points(const ModuloParts& rule, std::span<const std::int32_t> half_steps,
                  std::uint8_t* codes, std::int32_t* highs, const Device& device = {});

/// Of each point that a code stands for: how far it is from the own one, and its upper part.
void find_points(const NearPoint& rule, std::span<const std::int32_t> own_half_steps,
                 const std::uint8_t* codes, std::int32_t* differences, std::int32_t* highs,
                 const Device& device = {});

/// out += scale · values
void add_integers(const std::int32_t* values, float scale, ArrayView out);

/// The largest |value|; 0 for none.
std::int32_t largest_magnitude(std::span<const std::int32_t> values, const Device& device = {});

}  // namespace kith::kernels
