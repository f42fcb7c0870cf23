#pragma once

#include "kernels/device.h"
#include "kernels/grid/bits.h"
#include "kernels/grid/elementwise.h"
#include "kernels/grid/exact_mean.h"
#include "kernels/grid/matrix.h"
#include "kernels/grid/modulo.h"
#include "kernels/grid/reduce.h"
#include "kernels/grid/top_k.h"

/// The functions of kernels/ for a device whose work goes through `Queue` (grid/program.h).
namespace kith::kernels {

template <class Queue>
void set_mixing(DeviceKernels& loops) {
  loops.mix = [](float self_weight, ConstArrayView x, std::span<const Term> terms, ArrayView out) {
    Queue queue(out.device);
    mix_on(queue, self_weight, x, terms, out, NoStep{}, {});
  };
  loops.mix_coded = [](float self_weight, ConstArrayView x, std::span<const CodedTerm> terms,
                       ArrayView out) {
    Queue queue(out.device);
    mix_on(queue, self_weight, x, terms, out, NoStep{}, {});
  };
  loops.mix_sgd = [](float self_weight, ConstArrayView x, std::span<const Term> terms,
                     const SgdStep& step, ConstArrayView g, ArrayView out) {
    Queue queue(out.device);
    mix_on(queue, self_weight, x, terms, out, SgdAfter{step, x.data, g.data},
           {{x.data, sizeof(float)}, {g.data, sizeof(float)}});
  };
  loops.mix_momentum = [](float self_weight, ConstArrayView x, std::span<const Term> terms,
                          const MomentumStep& step, ConstArrayView g, ArrayView m, ArrayView out) {
    Queue queue(out.device);
    mix_on(queue, self_weight, x, terms, out, MomentumAfter{step, x.data, g.data, m.data},
           {{x.data, sizeof(float)}, {g.data, sizeof(float)}, {m.data, sizeof(float)}});
  };
  loops.choco_update = [](const CodedTerm& own, std::span<const CodedTerm> heard, float gamma,
                          ConstArrayView y, ArrayView public_copy, ArrayView pull, ArrayView out) {
    Queue queue(out.device);
    choco_on(queue, own, heard, gamma, y, public_copy, pull, out);
  };
}

/// out = rule(a, b)
template <class Queue, class Rule>
void zip_on(const Rule& rule, ConstArrayView a, ConstArrayView b, ArrayView out) {
  Queue queue(out.device);
  stream(queue, out.size,
         {{a.data, sizeof(float)}, {b.data, sizeof(float)}, {out.data, sizeof(float)}},
         Zip<Rule>{rule, a.data, b.data, out.data});
}

/// out = step(x, g, memory …)
template <class Queue, class Step, class... Memory>
void step_on(const Step& step, ConstArrayView x, ConstArrayView g, ArrayView out,
             const Memory&... memory) {
  Queue queue(out.device);
  stream(queue, out.size,
         {{x.data, sizeof(float)},
          {g.data, sizeof(float)},
          {memory.data, sizeof(float)}...,
          {out.data, sizeof(float)}},
         StepWork<Step, sizeof...(memory)>{step, x.data, g.data, {memory.data...}, out.data});
}

/// codes = rule(x)
template <class Queue, class Rule>
void encode_on(const Rule& rule, ConstArrayView x, std::uint8_t* codes) {
  Queue queue(x.device);
  stream(queue, x.size, {{x.data, sizeof(float)}, {codes, 1}},
         EncodeWork<Rule>{rule, x.data, codes});
}

template <class Queue, class Rule>
void draw_on(const Rule& rule, ConstArrayView x, const Stream& words, std::size_t first,
             std::uint8_t* codes) {
  Queue queue(x.device);
  stream(queue, x.size, {{x.data, sizeof(float)}, {codes, 1}},
         DrawWork<Rule>{rule, words, first, x.data, codes});
}

template <class Queue, class Rule>
void narrow_on(const Rule& rule, ConstArrayView x, std::uint8_t* bytes) {
  Queue queue(x.device);
  stream(queue, x.size, {{x.data, sizeof(float)}, {bytes, 2}},
         NarrowWork<Rule>{rule, x.data, bytes});
}

/// A bit for each element
template <class Queue, class Rule>
void bits_on(const Rule& rule, ConstArrayView x, std::uint8_t* bits) {
  Queue queue(x.device);
  const bool aligned = reinterpret_cast<std::uintptr_t>(x.data) % 16 == 0;
  stream_single(queue, sign_bytes(x.size), BitsWork<Rule>{rule, x.data, x.size, aligned, bits});
}

/// out += term
template <class Queue>
void add_coded_on(const CodedTerm& term, ArrayView out) {
  Queue queue(out.device);
  stream(queue, out.size, {operand_of(term), {out.data, sizeof(float)}},
         AddCodedWork{source_of(term), out.data});
}

template <class Queue>
void set_elementwise(DeviceKernels& loops) {
  loops.sgd_step = [](const SgdStep& step, ConstArrayView x, ConstArrayView g, ArrayView out) {
    zip_on<Queue>(step, x, g, out);
  };
  loops.momentum_step = [](const MomentumStep& step, ConstArrayView x, ConstArrayView g,
                           ArrayView m, ArrayView out) { step_on<Queue>(step, x, g, out, m); };
  loops.adam_step = [](const AdamStep& step, ConstArrayView x, ConstArrayView g, ArrayView m,
                       ArrayView v, ArrayView out) { step_on<Queue>(step, x, g, out, m, v); };
  loops.accumulating_adam_step = [](const AccumulatingAdamStep& step, ConstArrayView x,
                                    ConstArrayView g, ArrayView m, ArrayView v, ArrayView a,
                                    ArrayView out) { step_on<Queue>(step, x, g, out, m, v, a); };
  loops.adaptive_step = [](const AdaptiveStep& step, ConstArrayView x, ConstArrayView mean,
                           ArrayView m, ArrayView v, ArrayView out) {
    m.size == 0 ? step_on<Queue>(step, x, mean, out, v) : step_on<Queue>(step, x, mean, out, m, v);
  };
  loops.fill = [](ArrayView out, float value) {
    Queue queue(out.device);
    stream(queue, out.size, {{out.data, sizeof(float)}}, FillWork{value, out.data});
  };
  loops.divide = [](ArrayView x, double by) {
    Queue queue(x.device);
    stream(queue, x.size, {{x.data, sizeof(float)}}, DivideWork{by, x.data});
  };
  loops.subtract = [](ConstArrayView a, ConstArrayView b, ArrayView out) {
    zip_on<Queue>(Difference{}, a, b, out);
  };
  loops.add_scaled = [](ConstArrayView x, float scale, ConstArrayView y, ArrayView out) {
    zip_on<Queue>(PlusScaled{scale}, x, y, out);
  };
  loops.weighted_sum = [](float a, ConstArrayView x, float b, ConstArrayView y, ArrayView out) {
    zip_on<Queue>(WeightedSum{a, b}, x, y, out);
  };
  loops.quantize_nearest = [](const UniformNearest& rule, ConstArrayView x, std::uint8_t* codes) {
    encode_on<Queue>(rule, x, codes);
  };
  loops.quantize_minmax = [](const MinMaxUint8& rule, ConstArrayView x, std::uint8_t* codes) {
    encode_on<Queue>(rule, x, codes);
  };
  loops.quantize_stochastic = [](const UniformStochastic& rule, ConstArrayView x,
                                 const Stream& words, std::size_t first, std::uint8_t* codes) {
    draw_on<Queue>(rule, x, words, first, codes);
  };
  loops.quantize_qsgd = [](const QsgdRule& rule, ConstArrayView x, const Stream& words,
                           std::size_t first,
                           std::uint8_t* codes) { draw_on<Queue>(rule, x, words, first, codes); };
  loops.dequantize = [](const Grid& grid, const std::uint8_t* codes, ArrayView out) {
    Queue queue(out.device);
    stream(queue, out.size, {{codes, 1}, {out.data, sizeof(float)}},
           DecodeWork{source_of(CodedTerm{1, Format::kUint8, codes, grid}), out.data});
  };
  loops.add_dequantized = [](const Grid& grid, const std::uint8_t* codes, float scale,
                             ArrayView out) {
    add_coded_on<Queue>({scale, Format::kUint8, codes, grid}, out);
  };
  loops.to_bf16 = [](ConstArrayView x, std::uint8_t* bytes) {
    narrow_on<Queue>(ToBf16{}, x, bytes);
  };
  loops.to_fp16 = [](ConstArrayView x, std::uint8_t* bytes) {
    narrow_on<Queue>(ToFp16{}, x, bytes);
  };
  loops.add_bf16 = [](const std::uint8_t* bytes, float scale, ArrayView out) {
    add_coded_on<Queue>({scale, Format::kBf16, bytes}, out);
  };
  loops.add_fp16 = [](const std::uint8_t* bytes, float scale, ArrayView out) {
    add_coded_on<Queue>({scale, Format::kFp16, bytes}, out);
  };
  loops.sign_bits = [](ConstArrayView x, std::uint8_t* bits) {
    bits_on<Queue>(IsNegative{}, x, bits);
  };
  loops.add_signs = [](const std::uint8_t* bits, float value, ArrayView out) {
    Queue queue(out.device);
    stream(queue, out.size, {{out.data, sizeof(float)}}, AddSignsWork{bits, value, out.data});
  };
  loops.dwt = [](const WaveletFilter<float>& filter, ConstArrayView x, ArrayView approximation,
                 ArrayView detail) {
    Queue queue(x.device);
    stream_single(queue, detail.size,
                  DwtWork{filter, x.data, x.size, approximation.data, detail.data});
  };
  loops.inverse_dwt = [](const WaveletFilter<float>& filter, ConstArrayView approximation,
                         ConstArrayView detail, ArrayView out) {
    Queue queue(out.device);
    stream_single(queue, divided_up(out.size, 2),
                  InverseDwtWork{filter, approximation.data, detail.data, out.data, out.size});
  };
}

template <class Queue>
void set_sparse(DeviceKernels& loops) {
  loops.top_k = [](ConstArrayView x, std::span<std::uint32_t>, std::span<std::uint32_t> indices,
                   ArrayView values) {
    Queue queue(x.device);
    top_k_on(queue, x, indices, values);
  };
  loops.gather = [](ConstArrayView x, std::span<const std::uint32_t> indices, ArrayView values) {
    Queue queue(x.device);
    stream_single(queue, values.size, GatherWork{x.data, indices.data(), values.data});
  };
  loops.scatter = [](std::span<const std::uint32_t> indices, ConstArrayView values, ArrayView out) {
    Queue queue(out.device);
    stream_single(queue, values.size, ScatterWork{indices.data(), values.data, out.data});
  };
  loops.scatter_add = [](std::span<const std::uint32_t> indices, float scale, ConstArrayView values,
                         ArrayView out) {
    Queue queue(out.device);
    stream_single(queue, values.size, ScatterAddWork{indices.data(), scale, values.data, out.data});
  };
  loops.scatter_add_difference = [](std::span<const std::uint32_t> indices, float scale,
                                    ConstArrayView values, ConstArrayView x, ArrayView out) {
    Queue queue(out.device);
    stream_single(queue, values.size,
                  ScatterDifferenceWork{indices.data(), scale, values.data, x.data, out.data});
  };
  loops.copy_at = [](std::span<const std::uint32_t> indices, ConstArrayView x, ArrayView out) {
    Queue queue(out.device);
    stream_single(queue, indices.size(), CopyAtWork{indices.data(), x.data, out.data});
  };
  loops.shift_indices = [](std::span<std::uint32_t> indices, std::uint32_t by,
                           const Device& device) {
    Queue queue(device);
    stream_single(queue, indices.size(), ShiftWork{by, indices.data()});
  };
  loops.reach_bits = [](ConstArrayView x, float least, std::uint8_t* bits) {
    bits_on<Queue>(Reaches{magnitude(least)}, x, bits);
  };
}

template <class Queue>
void set_matrices(DeviceKernels& loops) {
  loops.times = [](ConstArrayView matrix, Shape shape, ConstArrayView v, ArrayView out) {
    Queue queue(out.device);
    times_on(queue, matrix, shape, v, out);
  };
  loops.transposed_times = [](ConstArrayView matrix, Shape shape, ConstArrayView v, ArrayView out) {
    Queue queue(out.device);
    stream_single(queue, shape.columns, ColumnWork{matrix.data, shape, v.data, out.data});
  };
  loops.add_outer = [](ConstArrayView p, ConstArrayView q, std::size_t rank, Shape shape,
                       float scale, ArrayView out) {
    Queue queue(out.device);
    stream_single(queue, shape.rows * shape.columns,
                  OuterWork{p.data, q.data, rank, shape, scale, out.data});
  };
}

template <class Queue>
void set_bits(DeviceKernels& loops) {
  loops.random_words = [](const Stream& words, std::size_t first, std::span<std::uint32_t> to,
                          const Device& device) {
    Queue queue(device);
    if (to.empty()) return;
    stream_single(queue, divided_up(first % 4 + to.size(), 4),
                  WordsWork{words, first, to.size(), to.data()});
  };
  loops.bernoulli_mask = [](const Stream& words, std::uint64_t threshold, std::size_t size,
                            std::span<std::byte> bits, const Device& device) {
    Queue queue(device);
    auto* const to = reinterpret_cast<std::uint8_t*>(bits.data());
    stream_single(queue, bits.size(), BernoulliWork{words, threshold, size, to});
  };
  loops.indices_of_set_bits = [](std::span<const std::byte> bits, std::span<std::uint32_t> indices,
                                 const Device& device) {
    Queue queue(device);
    return set_bits_on(queue, bits, indices);
  };
  loops.bit_pack = [](std::span<const std::uint32_t> numbers, int width, std::byte* out,
                      const Device& device) {
    Queue queue(device);
    stream_single(queue, packed_bytes(numbers.size(), width),
                  PackWork{numbers.data(), numbers.size(), static_cast<unsigned>(width),
                           reinterpret_cast<std::uint8_t*>(out)});
  };
  loops.bit_unpack = [](std::span<const std::byte> packed, int width, std::span<std::uint32_t> out,
                        const Device& device) {
    Queue queue(device);
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(packed.data());
    stream_single(queue, out.size(), UnpackWork{bytes, static_cast<unsigned>(width), out.data()});
  };
  loops.pack_codes = [](std::span<const std::uint8_t> codes, unsigned width, std::uint8_t* bytes,
                        const Device& device) {
    Queue queue(device);
    stream_single(queue, divided_up(codes.size(), 8),
                  PackCodesWork{codes.data(), codes.size(), width, bytes});
  };
  loops.unpack_codes = [](const std::uint8_t* bytes, unsigned width, std::span<std::uint8_t> codes,
                          const Device& device) {
    Queue queue(device);
    stream_single(queue, divided_up(codes.size(), 8),
                  UnpackCodesWork{bytes, codes.size(), width, codes.data()});
  };
}

template <class Queue>
void set_modulo(DeviceKernels& loops) {
  loops.to_half_steps = [](const HalfSteps& rule, ConstArrayView x, const std::uint32_t* words,
                           std::int32_t* half_steps) {
    Queue queue(x.device);
    stream(queue, x.size, {{x.data, 4}, {words, 4}, {half_steps, 4}},
           HalfStepsWork{rule, x.data, words, half_steps});
  };
  loops.split_points = [](const ModuloParts& rule, std::span<const std::int32_t> half_steps,
                          std::uint8_t* codes, std::int32_t* highs, const Device& device) {
    Queue queue(device);
    stream(queue, half_steps.size(), {{half_steps.data(), 4}, {codes, 1}, {highs, 4}},
           SplitWork{rule, half_steps.data(), codes, highs});
  };
  loops.find_points = [](const NearPoint& rule, std::span<const std::int32_t> own,
                         const std::uint8_t* codes, std::int32_t* differences, std::int32_t* highs,
                         const Device& device) {
    Queue queue(device);
    stream(queue, own.size(), {{own.data(), 4}, {codes, 1}, {differences, 4}, {highs, 4}},
           FindWork{rule, own.data(), codes, differences, highs});
  };
  loops.add_integers = [](const std::int32_t* values, float scale, ArrayView out) {
    Queue queue(out.device);
    stream(queue, out.size, {{values, 4}, {out.data, 4}}, AddIntegersWork{values, scale, out.data});
  };
  loops.largest_magnitude = [](std::span<const std::int32_t> values, const Device& device) {
    Queue queue(device);
    if (values.empty()) return std::int32_t{0};
    return bounds_on(queue, values.size(), IntegerMagnitude{values.data()}).high;
  };
  loops.fingerprint_blocks = [](const FingerprintPowers& powers,
                                std::span<const std::int32_t> values, std::span<std::uint64_t> sums,
                                const Device& device) {
    if (sums.empty()) return;
    Queue queue(device);
    const auto room = queue.template room<std::uint64_t>(sums.size());
    queue.launch(divided_up(sums.size(), FingerprintBlocks::kBlocks),
                 FingerprintBlocks{powers, values.data(), values.size(), room.place()});
    queue.read(room.place(), sums.size(), sums.data());
  };
}

template <class Queue>
void set_reductions(DeviceKernels& loops) {
  loops.all_finite = [](ConstArrayView x) {
    Queue queue(x.device);
    return x.size == 0 || bounds_on(queue, x.size, Magnitude{x.data}).high < kInfinity;
  };
  loops.max_abs = [](ConstArrayView x) {
    Queue queue(x.device);
    if (x.size == 0) return 0.0f;
    return __builtin_bit_cast(float, bounds_on(queue, x.size, Magnitude{x.data}).high);
  };
  loops.extent = [](ConstArrayView x) -> Extent {
    Queue queue(x.device);
    if (x.size == 0) return {0, 0};
    const Bounds bounds = bounds_on(queue, x.size, InOrder{x.data});
    return {__builtin_bit_cast(float, in_order(bounds.low)),
            __builtin_bit_cast(float, in_order(bounds.high))};
  };
  loops.largest_code = [](std::span<const std::uint8_t> codes, const Device& device) {
    Queue queue(device);
    if (codes.empty()) return std::uint8_t{0};
    return static_cast<std::uint8_t>(bounds_on(queue, codes.size(), CodeOf{codes.data()}).high);
  };
  loops.sixteen_bits_finite = [](const std::uint8_t* bytes, std::size_t count,
                                 std::uint16_t exponent, const Device& device) {
    Queue queue(device);
    return count == 0 || bounds_on(queue, count, Unbounded{bytes, exponent}).high == 0;
  };
  loops.absolute_sum = [](ConstArrayView x) {
    Queue queue(x.device);
    return block_sum_on(queue, x.size, AbsoluteTerm{x.data});
  };
  loops.dot = [](ConstArrayView a, ConstArrayView b) {
    Queue queue(a.device);
    return block_sum_on(queue, a.size, ProductTerm{a.data, b.data});
  };
  loops.squared_difference = [](ConstArrayView a, ConstArrayView b) {
    Queue queue(a.device);
    return block_sum_on(queue, a.size, SquareTerm{a.data, b.data});
  };
}

template <class Queue>
void set_exact_mean(DeviceKernels& loops) {
  loops.block_magnitudes = [](const Slice& x, std::span<float> largest) {
    Queue queue(x.device());
    block_magnitudes_on(queue, x, largest);
  };
  loops.exact_sums = [](const Slice& x, std::span<const float> largest, std::int64_t n,
                        double* sums) {
    Queue queue(x.device());
    exact_sums_on(queue, x, largest, n, sums);
  };
  loops.mean_of_sums = [](const double* sums, double n, std::size_t size, double* mean,
                          float* rounded, const Device& device) {
    Queue queue(device);
    stream_single(queue, size, MeanWork{sums, n, mean, rounded});
  };
  loops.squared_distances = [](const Slice& x, const double* mean, std::span<double> distances) {
    Queue queue(x.device());
    squared_distances_on(queue, x, mean, distances);
  };
}

}  // namespace kith::kernels
