#pragma once

#include <cstdint>
#include <span>

#include "core/array.h"
#include "core/random.h"
#include "kernels/arithmetic.h"

/// Numbers as codes of a byte and back. A rule gives the code of one element, x finite, from
/// nothing else and, where it draws, one random word; so a vector may come in pieces, whatever
/// device works on each.
namespace kith::kernels {

/// What code c stands for: low + step · (c − zero).
struct Grid {
  float low = 0;
  float step = 0;
  float zero = 0;  ///< a whole number

  KITH_INLINE float operator()(std::uint8_t code) const {
    return low + step * (static_cast<float>(static_cast<std::int32_t>(code)) - zero);
  }
};

/// r as a code: 0 below 0, `top` above `top`. r is a whole number.
KITH_INLINE std::uint8_t code_of(float r, float top) {
  r = r < top ? r : top;
  r = r > 0 ? r : 0;
  return static_cast<std::uint8_t>(static_cast<std::int32_t>(r));
}

/// r >= 0 rounded up with the probability of its fraction, by a uniform word. The fraction is cut
/// to 24 bits.
KITH_INLINE float rounded_at_random(float r, std::uint32_t word) {
  const auto floor = static_cast<float>(static_cast<std::int32_t>(r));
  const float uniform = static_cast<float>(static_cast<std::int32_t>(word >> 8)) * 0x1p-24f;
  return uniform < r - floor ? floor + 1 : floor;
}

/// The nearest of the points low + step · c, c = 0 .. top; of two the even c.
struct UniformNearest {
  float low = 0;
  float step = 0;  ///< above 0
  float top = 0;

  KITH_INLINE std::uint8_t operator()(float x) const {
    const float r = (x - low) / step;
    constexpr float kToInteger = 12582912;  // 1.5 · 2^23: what is added to it is rounded to even
    return code_of((r + kToInteger) - kToInteger, top);
  }
};

/// One of the two points around x, so that the mean is x.
struct UniformStochastic {
  float low = 0;
  float step = 0;  ///< above 0
  float top = 0;

  KITH_INLINE std::uint8_t operator()(float x, std::uint32_t word) const {
    const float r = (x - low) / step;
    return code_of(rounded_at_random(r > 0 ? r : 0, word), top);
  }
};

/// Bagua's MinMaxUInt8: c = min(rint(x · scale), upper) − lower, and lower + c stands for
/// (lower + c) / scale.
struct MinMaxUint8 {
  float scale = 0;  ///< 255 / (max − min + 1e-7)
  float upper = 0;  ///< rint(max · scale)
  float lower = 0;  ///< upper − 255

  KITH_INLINE std::uint8_t operator()(float x) const {
    const float r = rintf(x * scale);
    return code_of((r < upper ? r : upper) - lower, 255);
  }
};

/// QSGD (Alistarh et al., NeurIPS 2017): `levels` + sgn(x) · (levels · |x| / norm rounded at
/// random), so that the mean is x.
struct QsgdRule {
  float norm = 0;  ///< above 0, at least |x|
  float levels = 0;

  KITH_INLINE std::uint8_t operator()(float x, std::uint32_t word) const {
    const float r = fabsf(x) / norm * levels;
    const float rounded = rounded_at_random(r, word);
    const float level = rounded < levels ? rounded : levels;
    return code_of(x < 0 ? levels - level : levels + level, 2 * levels);
  }
};

/// codes[i] = the rule's code of x_i; element i of a stochastic rule draws word `first` + i of
/// `stream`.
void quantize(const UniformNearest& rule, ConstArrayView x, std::uint8_t* codes);
void quantize(const MinMaxUint8& rule, ConstArrayView x, std::uint8_t* codes);
void quantize(const UniformStochastic& rule, ConstArrayView x, const Stream& stream,
              std::size_t first, std::uint8_t* codes);
void quantize(const QsgdRule& rule, ConstArrayView x, const Stream& stream, std::size_t first,
              std::uint8_t* codes);

/// out = what the codes stand for; there are out.size of them.
void dequantize(const Grid& grid, const std::uint8_t* codes, ArrayView out);

/// out += scale · what the codes stand for
void add_dequantized(const Grid& grid, const std::uint8_t* codes, float scale, ArrayView out);

/// The largest of the codes, in the memory of `device`; 0 for none.
std::uint8_t largest_code(std::span<const std::uint8_t> codes, const Device& device = {});

}  // namespace kith::kernels
