#pragma once

#include <algorithm>
#include <vector>

#include "kernels/choco.h"
#include "kernels/grid/streaming.h"
#include "kernels/half.h"
#include "kernels/mix_step.h"

/// Weighted sums of vectors, of any format, with or without a step of an optimizer.
namespace kith::kernels {

/// Terms that go to a device with the launch itself: 64 of them fit into the 4 KiB that a launch
/// may carry, so that nothing else is copied there.
inline constexpr unsigned kMostTerms = 64;

/// A vector of floats and its weight.
struct FloatSource {
  const float* numbers;
  float weight;

  template <int width>
  KITH_INLINE Lanes<float, width> load(std::size_t i) const {
    return kernels::load<width>(numbers + i);
  }
};

/// A vector in any format. Sixteen-bit numbers may lie at any byte.
struct CodedSource {
  const void* numbers;
  Grid grid;
  float weight;
  Format format;

  template <int width>
  KITH_INLINE Lanes<float, width> load(std::size_t i) const {
    Lanes<float, width> values;
    switch (format) {
      case Format::kFloat32:
        return kernels::load<width>(static_cast<const float*>(numbers) + i);
      case Format::kUint8: {
        const auto codes = kernels::load<width>(static_cast<const std::uint8_t*>(numbers) + i);
        for (int k = 0; k < width; ++k) values.lane[k] = grid(codes.lane[k]);
        return values;
      }
      default: {
        const auto codes = sixteen_bits<width>(i);
        for (int k = 0; k < width; ++k) {
          values.lane[k] =
              format == Format::kBf16 ? from_bf16(codes.lane[k]) : from_fp16(codes.lane[k]);
        }
        return values;
      }
    }
  }

  template <int width>
  KITH_INLINE Lanes<std::uint16_t, width> sixteen_bits(std::size_t i) const {
    if constexpr (width == 1) {
      const auto* const bytes = static_cast<const std::uint8_t*>(numbers) + 2 * i;
      return {{static_cast<std::uint16_t>(bytes[0] | bytes[1] << 8)}};
    } else {
      return kernels::load<width>(static_cast<const std::uint16_t*>(numbers) + i);
    }
  }
};

inline std::size_t element_bytes(Format format) {
  return format == Format::kFloat32 ? 4 : format == Format::kUint8 ? 1 : 2;
}

inline FloatSource source_of(const Term& term) { return {term.vector.data, term.weight}; }
inline CodedSource source_of(const CodedTerm& term) {
  return {term.numbers, term.grid, term.weight, term.format};
}
inline Operand operand_of(const Term& term) { return {term.vector.data, sizeof(float)}; }
inline Operand operand_of(const CodedTerm& term) {
  return {term.numbers, element_bytes(term.format)};
}

/// What is done with the sums of coordinates i and following before they are written.
struct NoStep {
  template <int width>
  KITH_INLINE void apply(std::size_t, Lanes<float, width>&) const {}
};

struct SgdAfter {
  SgdStep step;
  const float* x;
  const float* g;

  template <int width>
  KITH_INLINE void apply(std::size_t i, Lanes<float, width>& sum) const {
    const auto own = load<width>(x + i), gradient = load<width>(g + i);
    for (int k = 0; k < width; ++k) {
      sum.lane[k] = step(sum.lane[k], own.lane[k], gradient.lane[k]);
    }
  }
};

struct MomentumAfter {
  MomentumStep step;
  const float* x;
  const float* g;
  float* m;

  template <int width>
  KITH_INLINE void apply(std::size_t i, Lanes<float, width>& sum) const {
    const auto own = load<width>(x + i), gradient = load<width>(g + i);
    auto memory = load<width>(m + i);
    for (int k = 0; k < width; ++k) {
      sum.lane[k] = step(sum.lane[k], own.lane[k], gradient.lane[k], memory.lane[k]);
    }
    store(memory, m + i);
  }
};

/// out = step(weight · x + Σ_k sources[k])
template <class Source, class Step>
struct MixWork {
  const float* x;
  float* out;
  float weight;
  unsigned count;
  Step step;
  Source sources[kMostTerms];

  template <int width>
  KITH_INLINE void at(std::size_t i) const {
    auto sum = load<width>(x + i);
    for (int k = 0; k < width; ++k) sum.lane[k] = weight * sum.lane[k];
    unsigned term = 0;
    for (; term + 4 <= count; term += 4) add<4>(term, i, sum);
    for (; term < count; ++term) add<1>(term, i, sum);
    step.apply(i, sum);
    store(sum, out + i);
  }

  /// Some terms, all of which are read before the first is needed.
  template <int terms, int width>
  KITH_INLINE void add(unsigned first, std::size_t i, Lanes<float, width>& sum) const {
    Lanes<float, width> values[terms];
    for (int t = 0; t < terms; ++t) values[t] = sources[first + t].template load<width>(i);
    for (int t = 0; t < terms; ++t) {
      for (int k = 0; k < width; ++k) {
        sum.lane[k] = plus_weighted(sum.lane[k], sources[first + t].weight, values[t].lane[k]);
      }
    }
  }
};

/// `others` are what the step reads and writes besides.
template <class Queue, class AnyTerm, class Step>
void mix_on(Queue& queue, float self_weight, ConstArrayView x, std::span<const AnyTerm> terms,
            ArrayView out, const Step& step, std::initializer_list<Operand> others) {
  using Source = decltype(source_of(terms[0]));
  const auto launch = [&](float weight, const float* from, std::span<const AnyTerm> some,
                          const auto& after) {
    MixWork<Source, std::decay_t<decltype(after)>> work{
        from, out.data, weight, static_cast<unsigned>(some.size()), after, {}};
    std::vector<Operand> operands(others);
    operands.insert(operands.end(), {{from, sizeof(float)}, {out.data, sizeof(float)}});
    for (std::size_t k = 0; k < some.size(); ++k) {
      work.sources[k] = source_of(some[k]);
      operands.push_back(operand_of(some[k]));
    }
    stream(queue, out.size, operands, work);
  };
  // With more neighbors than a launch can carry the sum so far goes on: 1 · out is out.
  const float* from = x.data;
  for (; terms.size() > kMostTerms; terms = terms.subspan(kMostTerms)) {
    launch(self_weight, from, terms.first(kMostTerms), NoStep{});
    self_weight = 1;
    from = out.data;
  }
  launch(self_weight, from, terms, step);
}

/// choco_update of some neighbors: a round of one node has as many of these as it takes.
struct ChocoWork {
  const float* y;
  float* public_copy;
  float* pull;
  float* out;
  float gamma;
  unsigned count;
  bool first, last;  // only the first moves the public copy, only the last writes `out`
  CodedSource own;
  CodedSource heard[kMostTerms];

  template <int width>
  KITH_INLINE void at(std::size_t i) const {
    const auto said = own.load<width>(i);
    if (first) {
      auto copy = load<width>(public_copy + i);
      for (int k = 0; k < width; ++k) {
        copy.lane[k] = plus_weighted(copy.lane[k], 1, said.lane[k]);
      }
      store(copy, public_copy + i);
    }
    auto sum = load<width>(pull + i);
    for (unsigned j = 0; j < count; ++j) {
      const auto q = heard[j].load<width>(i);
      for (int k = 0; k < width; ++k) {
        sum.lane[k] = plus_weighted(sum.lane[k], heard[j].weight, q.lane[k]);
        sum.lane[k] = plus_weighted(sum.lane[k], -heard[j].weight, said.lane[k]);
      }
    }
    store(sum, pull + i);
    if (!last) return;
    auto moved = load<width>(y + i);
    for (int k = 0; k < width; ++k) {
      moved.lane[k] = plus_weighted(moved.lane[k], gamma, sum.lane[k]);
    }
    store(moved, out + i);
  }
};

template <class Queue>
void choco_on(Queue& queue, const CodedTerm& own, std::span<const CodedTerm> heard, float gamma,
              ConstArrayView y, ArrayView public_copy, ArrayView pull, ArrayView out) {
  bool first = true;
  do {
    const auto some = heard.first(std::min<std::size_t>(kMostTerms, heard.size()));
    heard = heard.subspan(some.size());
    ChocoWork work{y.data,         public_copy.data,
                   pull.data,      out.data,
                   gamma,          static_cast<unsigned>(some.size()),
                   first,          heard.empty(),
                   source_of(own), {}};
    std::vector<Operand> operands{operand_of(own)};
    for (const float* place :
         {y.data, static_cast<const float*>(public_copy.data), static_cast<const float*>(pull.data),
          static_cast<const float*>(out.data)}) {
      operands.push_back({place, sizeof(float)});
    }
    for (std::size_t k = 0; k < some.size(); ++k) {
      work.heard[k] = source_of(some[k]);
      operands.push_back(operand_of(some[k]));
    }
    stream(queue, out.size, operands, work);
    first = false;
  } while (!heard.empty());
}

}  // namespace kith::kernels
