#pragma once

#include <utility>

#include "core/random.h"
#include "kernels/dwt.h"
#include "kernels/grid/mix.h"
#include "kernels/magnitude.h"
#include "kernels/quantize.h"

/// What happens to each coordinate by itself.
namespace kith::kernels {

struct Difference {
  KITH_INLINE float operator()(float a, float b) const { return a - b; }
};

struct PlusScaled {
  float scale;
  KITH_INLINE float operator()(float x, float y) const { return plus_weighted(x, scale, y); }
};

struct WeightedSum {
  float a, b;
  KITH_INLINE float operator()(float x, float y) const { return plus_weighted(a * x, b, y); }
};

/// out = value
struct FillWork {
  float value;
  float* out;

  template <int width>
  KITH_INLINE void at(std::size_t i) const {
    Lanes<float, width> result;
    for (int k = 0; k < width; ++k) result.lane[k] = value;
    store(result, out + i);
  }
};

/// x = x / by
struct DivideWork {
  double by;
  float* x;

  template <int width>
  KITH_INLINE void at(std::size_t i) const {
    auto values = load<width>(x + i);
    for (int k = 0; k < width; ++k) values.lane[k] = static_cast<float>(values.lane[k] / by);
    store(values, x + i);
  }
};

/// out = rule(a, b)
template <class Rule>
struct Zip {
  Rule rule;
  const float* a;
  const float* b;
  float* out;

  template <int width>
  KITH_INLINE void at(std::size_t i) const {
    const auto left = load<width>(a + i), right = load<width>(b + i);
    Lanes<float, width> result;
    for (int k = 0; k < width; ++k) result.lane[k] = rule(left.lane[k], right.lane[k]);
    store(result, out + i);
  }
};

/// A step of an optimizer that remembers so many vectors: out = step(x, g, memory …), which changes
/// them too.
template <class Step, int memories>
struct StepWork {
  Step step;
  const float* x;
  const float* g;
  float* memory[memories];
  float* out;

  template <int width>
  KITH_INLINE void at(std::size_t i) const {
    run<width>(i, std::make_integer_sequence<int, memories>{});
  }

  template <int width, int... m>
  KITH_INLINE void run(std::size_t i, std::integer_sequence<int, m...>) const {
    auto own = load<width>(x + i);
    const auto gradient = load<width>(g + i);
    Lanes<float, width> old[] = {load<width>(memory[m] + i)...};
    for (int k = 0; k < width; ++k) {
      own.lane[k] = step(own.lane[k], gradient.lane[k], old[m].lane[k]...);
    }
    (store(old[m], memory[m] + i), ...);
    store(own, out + i);
  }
};

/// codes = rule(x)
template <class Rule>
struct EncodeWork {
  Rule rule;
  const float* x;
  std::uint8_t* codes;

  template <int width>
  KITH_INLINE void at(std::size_t i) const {
    const auto values = load<width>(x + i);
    Lanes<std::uint8_t, width> coded;
    for (int k = 0; k < width; ++k) coded.lane[k] = rule(values.lane[k]);
    store(coded, codes + i);
  }
};

/// codes = rule(x, word), element i drawing word first + i of the stream, as a processor does.
template <class Rule>
struct DrawWork {
  Rule rule;
  Stream stream;
  std::size_t first;
  const float* x;
  std::uint8_t* codes;

  template <int width>
  KITH_INLINE void at(std::size_t i) const {
    const auto values = load<width>(x + i);
    Lanes<std::uint8_t, width> coded;
    std::size_t block = (first + i) / 4;
    philox::Block drawn = draw(block);
    for (int k = 0; k < width; ++k) {
      const std::size_t word = first + i + static_cast<std::size_t>(k);
      if (word / 4 != block) drawn = draw(block = word / 4);
      coded.lane[k] = rule(values.lane[k], word_of(drawn, static_cast<unsigned>(word % 4)));
    }
    store(coded, codes + i);
  }

  KITH_INLINE philox::Block draw(std::size_t block) const {
    return philox::block(stream.counter(static_cast<std::uint32_t>(block)), stream.key());
  }

  /// Without an index into registers, which a device has not.
  KITH_INLINE static std::uint32_t word_of(const philox::Block& block, unsigned k) {
    const std::uint32_t low = k == 0 ? block.word[0] : block.word[1];
    const std::uint32_t high = k == 2 ? block.word[2] : block.word[3];
    return k < 2 ? low : high;
  }
};

struct ToBf16 {
  KITH_INLINE std::uint16_t operator()(float x) const { return to_bf16(x); }
};
struct ToFp16 {
  KITH_INLINE std::uint16_t operator()(float x) const { return to_fp16(x); }
};

/// Bytes 2i and 2i + 1 = rule(x_i), at any byte.
template <class Rule>
struct NarrowWork {
  Rule rule;
  const float* x;
  std::uint8_t* bytes;

  template <int width>
  KITH_INLINE void at(std::size_t i) const {
    const auto values = load<width>(x + i);
    Lanes<std::uint16_t, width> coded;
    for (int k = 0; k < width; ++k) coded.lane[k] = rule(values.lane[k]);
    if constexpr (width == 1) {
      bytes[2 * i] = static_cast<std::uint8_t>(coded.lane[0]);
      bytes[2 * i + 1] = static_cast<std::uint8_t>(coded.lane[0] >> 8);
    } else {
      store(coded, reinterpret_cast<std::uint16_t*>(bytes) + i);
    }
  }
};

/// out = what a term stands for
struct DecodeWork {
  CodedSource source;
  float* out;

  template <int width>
  KITH_INLINE void at(std::size_t i) const {
    store(source.load<width>(i), out + i);
  }
};

/// out += the term
struct AddCodedWork {
  CodedSource source;
  float* out;

  template <int width>
  KITH_INLINE void at(std::size_t i) const {
    auto sum = load<width>(out + i);
    const auto values = source.load<width>(i);
    for (int k = 0; k < width; ++k) {
      sum.lane[k] = plus_weighted(sum.lane[k], source.weight, values.lane[k]);
    }
    store(sum, out + i);
  }
};

struct IsNegative {
  KITH_INLINE std::uint32_t operator()(float x) const {
    return __builtin_bit_cast(std::uint32_t, x) >> 31;
  }
};

struct Reaches {
  std::int32_t least;
  KITH_INLINE std::uint32_t operator()(float x) const { return magnitude(x) >= least ? 1 : 0; }
};

/// Byte j: what the rule says, 0 or 1, of elements 8j .. 8j + 7.
template <class Rule>
struct BitsWork {
  Rule rule;
  const float* x;
  std::size_t size;
  bool aligned;  // x, to 16 bytes
  std::uint8_t* bits;

  template <int width>
  KITH_INLINE void at(std::size_t j) const {
    std::uint32_t byte = 0;
    if (aligned && 8 * j + 8 <= size) {
      const auto low = load<4>(x + 8 * j), high = load<4>(x + 8 * j + 4);
      for (int k = 0; k < 4; ++k) {
        byte |= rule(low.lane[k]) << k | rule(high.lane[k]) << (4 + k);
      }
    } else {
      for (std::size_t k = 0; k < 8 && 8 * j + k < size; ++k) byte |= rule(x[8 * j + k]) << k;
    }
    bits[j] = static_cast<std::uint8_t>(byte);
  }
};

/// out += ± value by the bits
struct AddSignsWork {
  const std::uint8_t* bits;
  float value;
  float* out;

  template <int width>
  KITH_INLINE void at(std::size_t i) const {
    auto sum = load<width>(out + i);
    const auto positive = __builtin_bit_cast(std::uint32_t, value);
    for (int k = 0; k < width; ++k) {
      const std::size_t bit = i + static_cast<std::size_t>(k);
      const std::uint32_t flip = std::uint32_t{bits[bit / 8]} >> bit % 8 << 31;
      sum.lane[k] += __builtin_bit_cast(float, positive ^ flip);
    }
    store(sum, out + i);
  }
};

struct GatherWork {
  const float* x;
  const std::uint32_t* indices;
  float* values;

  template <int width>
  KITH_INLINE void at(std::size_t k) const {
    values[k] = x[indices[k]];
  }
};

struct ScatterWork {
  const std::uint32_t* indices;
  const float* values;
  float* out;

  template <int width>
  KITH_INLINE void at(std::size_t k) const {
    out[indices[k]] = values[k];
  }
};

struct CopyAtWork {
  const std::uint32_t* indices;
  const float* x;
  float* out;

  template <int width>
  KITH_INLINE void at(std::size_t k) const {
    out[indices[k]] = x[indices[k]];
  }
};

struct ShiftWork {
  std::uint32_t by;
  std::uint32_t* indices;

  template <int width>
  KITH_INLINE void at(std::size_t k) const {
    indices[k] += by;
  }
};

/// out[indices[k]] += scale · values[k]. No index stands twice, so nobody else adds there.
struct ScatterAddWork {
  const std::uint32_t* indices;
  float scale;
  const float* values;
  float* out;

  template <int width>
  KITH_INLINE void at(std::size_t k) const {
    float& sum = out[indices[k]];
    sum = plus_weighted(sum, scale, values[k]);
  }
};

/// out[indices[k]] += scale · (values[k] − x[indices[k]])
struct ScatterDifferenceWork {
  const std::uint32_t* indices;
  float scale;
  const float* values;
  const float* x;
  float* out;

  template <int width>
  KITH_INLINE void at(std::size_t k) const {
    float& sum = out[indices[k]];
    sum = plus_weighted(sum, scale, values[k] - x[indices[k]]);
  }
};

/// Coefficient i of both kinds, summed in the order that dwt.h promises.
struct DwtWork {
  WaveletFilter<float> filter;
  const float* x;
  std::size_t size;
  float* approximation;
  float* detail;

  template <int width>
  KITH_INLINE void at(std::size_t i) const {
    const auto last = static_cast<std::ptrdiff_t>(2 * i + 1);
    const bool inside = 2 * i + 1 < size && 2 * i + 2 >= filter.taps;
    float low_sum = 0, high_sum = 0;
    for (std::size_t j = 0; j < filter.taps; ++j) {
      const std::ptrdiff_t at = last - static_cast<std::ptrdiff_t>(j);
      const float element = inside ? x[at] : mirrored(x, size, at);
      const float low = filter.lowpass[j] * element;
      const float other = filter.lowpass[filter.taps - 1 - j];
      const float high = (j % 2 == 0 ? -other : other) * element;
      low_sum = j == 0 ? low : low_sum + low;
      high_sum = j == 0 ? high : high_sum + high;
    }
    approximation[i] = low_sum;
    detail[i] = high_sum;
  }
};

/// Elements 2i and 2i + 1 of the signal.
struct InverseDwtWork {
  WaveletFilter<float> filter;
  const float* approximation;
  const float* detail;
  float* out;
  std::size_t size;

  template <int width>
  KITH_INLINE void at(std::size_t i) const {
    const std::size_t half = filter.taps / 2;
    const float* const a = approximation + i + half - 1;
    const float* const d = detail + i + half - 1;
    float even = 0, odd = 0;
    for (std::size_t m = 0; m < half; ++m) {
      const float element = *(a - m);
      const float to_even = filter.lowpass[filter.taps - 1 - 2 * m] * element;
      const float to_odd = filter.lowpass[filter.taps - 2 - 2 * m] * element;
      even = m == 0 ? to_even : even + to_even;
      odd = m == 0 ? to_odd : odd + to_odd;
    }
    for (std::size_t m = 0; m < half; ++m) {
      const float element = *(d - m);
      even = even + filter.lowpass[2 * m] * element;
      odd = odd + -filter.lowpass[2 * m + 1] * element;
    }
    out[2 * i] = even;
    if (2 * i + 1 < size) out[2 * i + 1] = odd;
  }
};

}  // namespace kith::kernels
