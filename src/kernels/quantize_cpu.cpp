#include "kernels/draw_cpu.h"
#include "kernels/quantize.h"

namespace kith::kernels::KITH_LEVEL {
namespace {

template <class Rule>
KITH_INLINE void apply(const Rule& rule, ConstArrayView x, std::uint8_t* __restrict codes) {
  for (std::size_t i = 0; i < x.size; ++i) codes[i] = rule(x.data[i]);
}

template <class Rule>
KITH_INLINE void apply(const Rule& rule, ConstArrayView x, const Stream& stream, std::size_t first,
                       std::uint8_t* codes) {
  Draw draw;
  for (std::size_t begin = 0; begin < x.size; begin += Draw::kMost) {
    const std::size_t count = x.size - begin < Draw::kMost ? x.size - begin : Draw::kMost;
    const std::uint32_t* const words = draw.words(stream, first + begin, count);
    const float* const in = x.data + begin;
    std::uint8_t* __restrict const out = codes + begin;
    for (std::size_t i = 0; i < count; ++i) out[i] = rule(in[i], words[i]);
  }
}

}  // namespace

// Each takes a copy of its rule: what is reached through a reference might change with every store.

void quantize(const UniformNearest& rule, ConstArrayView x, std::uint8_t* codes) {
  apply(UniformNearest(rule), x, codes);
}

void quantize(const MinMaxUint8& rule, ConstArrayView x, std::uint8_t* codes) {
  apply(MinMaxUint8(rule), x, codes);
}

void quantize(const UniformStochastic& rule, ConstArrayView x, const Stream& stream,
              std::size_t first, std::uint8_t* codes) {
  apply(UniformStochastic(rule), x, Stream(stream), first, codes);
}

void quantize(const QsgdRule& rule, ConstArrayView x, const Stream& stream, std::size_t first,
              std::uint8_t* codes) {
  apply(QsgdRule(rule), x, Stream(stream), first, codes);
}

void dequantize(const Grid& grid, const std::uint8_t* codes, ArrayView out) {
  const Grid value = grid;
  const std::uint8_t* __restrict const in = codes;
  for (std::size_t i = 0; i < out.size; ++i) out.data[i] = value(in[i]);
}

void add_dequantized(const Grid& grid, const std::uint8_t* codes, float scale, ArrayView out) {
  const Grid value = grid;
  const std::uint8_t* __restrict const in = codes;
  for (std::size_t i = 0; i < out.size; ++i) {
    out.data[i] = plus_weighted(out.data[i], scale, value(in[i]));
  }
}

std::uint8_t largest_code(std::span<const std::uint8_t> codes, const Device&) {
  const std::uint8_t* const in = codes.data();
  const std::size_t size = codes.size();
  std::uint8_t largest = 0;
  for (std::size_t i = 0; i < size; ++i) largest = in[i] > largest ? in[i] : largest;
  return largest;
}

}  // namespace kith::kernels::KITH_LEVEL
