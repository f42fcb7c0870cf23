#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "compression/value_codec.h"
#include "core/scratch.h"
#include "kernels/bit_pack.h"
#include "kernels/vector_ops.h"

namespace kith {
namespace {

/// Every number as a whole multiple of a step, k of which make the largest magnitude of the
/// message:
///
///     q_i = round(x_i k / m),  x̂_i = q_i m / k,  m = max_i |x_i|,
///
/// so that |x̂_i − x_i| ≤ m / 2k. It is decentralizepy's "Quantization", but decoded with the m that
/// it was encoded with (there: the mean magnitude, which shrinks everything). A code is m as
/// float32, then the numbers q_i + k, each in the fewest bits that hold 2 k.
class Quantization final : public ValueCodec {
 public:
  struct Params {
    std::uint32_t levels = 32767;

    void fields(Fields& f) {
      f.optional("levels", levels,
                 "k, the steps from 0 to the largest magnitude: 127 for 8 bits a number, 32767 for "
                 "16",
                 Range{.at_least = 1, .at_most = 8'388'607});
    }
  };

  explicit Quantization(const Params& params) : levels_(params.levels) {}

  void encode(ConstArrayView values, Bytes& out) const override {
    const float largest = kernels::max_abs(values);
    if (!std::isfinite(largest)) throw NumericError("NaN or infinity cannot be quantized");
    const std::span<std::uint32_t> numbers =
        scratch_numbers<Quantization, std::uint32_t>(values.size);
    // In float64 neither factor leaves its range, not even for the smallest float32.
    const auto k = static_cast<std::int32_t>(levels_);
    const double steps = largest == 0 ? 0 : levels_ / static_cast<double>(largest);
    for (std::size_t i = 0; i < values.size; ++i) {
      numbers[i] = static_cast<std::uint32_t>(rounded(values.data[i] * steps) + k);
    }
    append(out, std::as_bytes(std::span(&largest, 1)));
    append(out, kernels::packed_bytes(values.size, width()), [&](std::byte* to) {
      kernels::bit_pack(numbers, width(), to);
      return kernels::packed_bytes(values.size, width());
    });
  }

  void decode(ByteView code, ArrayView out) const override {
    if (code.size() != most(out.size)) {
      throw CorruptError("it has " + count_of(code.size(), "byte") + " of quantized numbers, not " +
                         std::to_string(most(out.size)));
    }
    float largest;
    std::memcpy(&largest, code.data(), sizeof(largest));
    if (!std::isfinite(largest) || std::signbit(largest)) {
      throw CorruptError("its scale is not a finite magnitude");
    }
    const std::span<std::uint32_t> numbers = scratch_numbers<Quantization, std::uint32_t>(out.size);
    kernels::bit_unpack(code.subspan(sizeof(largest)), width(), numbers);
    check_filled(code.subspan(sizeof(largest)), out.size * static_cast<std::size_t>(width()));
    const double step = static_cast<double>(largest) / levels_;
    std::uint32_t highest = 0;
    for (std::size_t i = 0; i < out.size; ++i) {
      highest = std::max(highest, numbers[i]);
      out.data[i] = static_cast<float>((static_cast<double>(numbers[i]) - levels_) * step);
    }
    if (highest > 2 * levels_) throw CorruptError("a quantized number is above its levels");
  }

  std::size_t most(std::size_t count) const override {
    return sizeof(float) + kernels::packed_bytes(count, width());
  }
  bool fixed_size() const override { return true; }
  bool lossless() const override { return false; }
  std::size_t metadata_bytes() const override { return sizeof(float); }
  int word() const override { return width() == 16 ? 2 : 1; }

 private:
  /// To the nearest integer, ties to even, of a number below 2^31.
  static std::int32_t rounded(double x) {
    constexpr double kShift = 0x1.8p52;  // near it, float64 has no fractions
    return static_cast<std::int32_t>((x + kShift) - kShift);
  }

  int width() const { return std::bit_width(2 * levels_); }

  std::uint32_t levels_;
};

const Register<ValueCodec, Quantization> registered{
    "quantization",
    "whole multiples of a step, which the largest magnitude sets (decentralizepy's)"};

}  // namespace
}  // namespace kith
