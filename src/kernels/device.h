#pragma once

#include "core/array.h"
#include "kernels/bit_pack.h"
#include "kernels/choco.h"
#include "kernels/code_pack.h"
#include "kernels/dwt.h"
#include "kernels/exact_mean.h"
#include "kernels/fingerprint.h"
#include "kernels/half.h"
#include "kernels/level.h"
#include "kernels/matrix.h"
#include "kernels/mix.h"
#include "kernels/mix_coded.h"
#include "kernels/mix_step.h"
#include "kernels/modulo.h"
#include "kernels/norms.h"
#include "kernels/optimizer_step.h"
#include "kernels/quantize.h"
#include "kernels/random_bits.h"
#include "kernels/signs.h"
#include "kernels/sparse.h"
#include "kernels/top_k.h"
#include "kernels/vector_ops.h"

namespace kith::kernels {

/// The loops of a device: what a device's plug-in hands over. Each does what the function of its
/// name does, with the same bits as result, on views of that device; spans and pointers that stand
/// beside views lie in its memory too, where nothing else is said. Work is given to the device's
/// stream and not waited for, except where a number is returned. Each throws DeviceError, one
/// sentence, when the device fails.
struct DeviceKernels {
  decltype(kernels::mix)* mix = nullptr;
  decltype(kernels::mix_coded)* mix_coded = nullptr;
  decltype(kernels::mix_sgd)* mix_sgd = nullptr;
  decltype(kernels::mix_momentum)* mix_momentum = nullptr;
  decltype(kernels::choco_update)* choco_update = nullptr;

  decltype(kernels::sgd_step)* sgd_step = nullptr;
  decltype(kernels::momentum_step)* momentum_step = nullptr;
  decltype(kernels::adam_step)* adam_step = nullptr;
  decltype(kernels::accumulating_adam_step)* accumulating_adam_step = nullptr;
  decltype(kernels::adaptive_step)* adaptive_step = nullptr;

  decltype(kernels::fill)* fill = nullptr;
  decltype(kernels::subtract)* subtract = nullptr;
  decltype(kernels::add_scaled)* add_scaled = nullptr;
  decltype(kernels::weighted_sum)* weighted_sum = nullptr;
  decltype(kernels::divide)* divide = nullptr;
  decltype(kernels::all_finite)* all_finite = nullptr;
  decltype(kernels::max_abs)* max_abs = nullptr;
  decltype(kernels::absolute_sum)* absolute_sum = nullptr;
  decltype(kernels::dot)* dot = nullptr;
  decltype(kernels::squared_difference)* squared_difference = nullptr;
  decltype(kernels::extent)* extent = nullptr;

  decltype(kernels::block_magnitudes)* block_magnitudes = nullptr;
  decltype(kernels::exact_sums)* exact_sums = nullptr;
  decltype(kernels::mean_of_sums)* mean_of_sums = nullptr;
  decltype(kernels::squared_distances)* squared_distances = nullptr;

  decltype(kernels::top_k)* top_k = nullptr;
  decltype(kernels::gather)* gather = nullptr;
  decltype(kernels::scatter)* scatter = nullptr;
  decltype(kernels::scatter_add)* scatter_add = nullptr;
  decltype(kernels::scatter_add_difference)* scatter_add_difference = nullptr;
  decltype(kernels::copy_at)* copy_at = nullptr;
  decltype(kernels::shift_indices)* shift_indices = nullptr;
  decltype(kernels::reach_bits)* reach_bits = nullptr;

  void (*quantize_nearest)(const UniformNearest&, ConstArrayView, std::uint8_t*) = nullptr;
  void (*quantize_minmax)(const MinMaxUint8&, ConstArrayView, std::uint8_t*) = nullptr;
  void (*quantize_stochastic)(const UniformStochastic&, ConstArrayView, const Stream&, std::size_t,
                              std::uint8_t*) = nullptr;
  void (*quantize_qsgd)(const QsgdRule&, ConstArrayView, const Stream&, std::size_t,
                        std::uint8_t*) = nullptr;
  decltype(kernels::dequantize)* dequantize = nullptr;
  decltype(kernels::add_dequantized)* add_dequantized = nullptr;
  decltype(kernels::largest_code)* largest_code = nullptr;

  void (*to_bf16)(ConstArrayView, std::uint8_t*) = nullptr;
  void (*to_fp16)(ConstArrayView, std::uint8_t*) = nullptr;
  decltype(kernels::add_bf16)* add_bf16 = nullptr;
  decltype(kernels::add_fp16)* add_fp16 = nullptr;
  decltype(kernels::sixteen_bits_finite)* sixteen_bits_finite = nullptr;
  decltype(kernels::sign_bits)* sign_bits = nullptr;
  decltype(kernels::add_signs)* add_signs = nullptr;

  void (*dwt)(const WaveletFilter<float>&, ConstArrayView, ArrayView, ArrayView) = nullptr;
  void (*inverse_dwt)(const WaveletFilter<float>&, ConstArrayView, ConstArrayView,
                      ArrayView) = nullptr;

  decltype(kernels::times)* times = nullptr;
  decltype(kernels::transposed_times)* transposed_times = nullptr;
  decltype(kernels::add_outer)* add_outer = nullptr;

  decltype(kernels::random_words)* random_words = nullptr;
  decltype(kernels::bernoulli_mask)* bernoulli_mask = nullptr;
  decltype(kernels::indices_of_set_bits)* indices_of_set_bits = nullptr;
  decltype(kernels::bit_pack)* bit_pack = nullptr;
  decltype(kernels::bit_unpack)* bit_unpack = nullptr;
  decltype(kernels::pack_codes)* pack_codes = nullptr;
  decltype(kernels::unpack_codes)* unpack_codes = nullptr;

  decltype(kernels::to_half_steps)* to_half_steps = nullptr;
  decltype(kernels::split_points)* split_points = nullptr;
  decltype(kernels::find_points)* find_points = nullptr;
  decltype(kernels::add_integers)* add_integers = nullptr;
  decltype(kernels::largest_magnitude)* largest_magnitude = nullptr;
  /// What each block of 128 integers adds to a fingerprint, modulo its prime; `sums` are the
  /// host's.
  void (*fingerprint_blocks)(const FingerprintPowers&, std::span<const std::int32_t>,
                             std::span<std::uint64_t> sums, const Device&) = nullptr;
};

/// From now on work on views of devices goes to `loops`, which outlives it; null for none.
void set_device_kernels(const DeviceKernels* loops);

/// Throws DeviceError where no device was opened.
const DeviceKernels& device_kernels();

/// The loop for where the views of a call lie: the device's, or that of the level in use.
template <class Loop>
Loop* at(const Device& device, Loop* DeviceKernels::*on_device_loop, Loop* generic, Loop* v3) {
  return device.is_cpu() ? at_level(generic, v3) : device_kernels().*on_device_loop;
}

}  // namespace kith::kernels
